#include "web/setup.h"

#include <algorithm>

#include "storage/sha256.h"
#include "web/profile.h"
#include "web/text.h"

namespace web {

namespace {

/// More than anybody has devices.
constexpr std::size_t most_credentials = 200;
constexpr std::size_t longest_label = 60;

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#222;"
    "background:#fff}h1{font-size:1.4rem}label{display:block;margin:.8rem 0}"
    "input:not([type=checkbox]){display:block;box-sizing:border-box;width:100%;font:inherit;padding:.5rem;"
    "border:1px solid #888;border-radius:.3rem}input[type=checkbox]{width:1.2rem;height:1.2rem;vertical-align:middle}"
    "button{font:inherit;width:100%;padding:.6rem;border:0;border-radius:.3rem;background:#15568f;color:#fff}"
    "fieldset{border:0;margin:0;padding:0}[role=alert]{background:#fbe3e0;padding:.5rem .8rem;border-radius:.3rem}"
    "small{color:#555}";

std::string check_box(std::string_view name, std::string_view label, bool checked) {
  std::string out = "<label><input type=\"checkbox\" name=\"";
  out.append(name).append("\" value=\"yes\"").append(checked ? " checked> " : "> ");
  return out.append(label).append("</label>\n");
}

std::string without_controls(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) out += c;
  }
  while (out.starts_with(' ')) out.erase(0, 1);
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

Setup page(const Site& site, const SetupForm& form, Setup::Outcome outcome, std::string_view message) {
  Setup out;
  out.outcome = outcome;
  out.account = form.name;
  out.text = setup_page(site, form, message);
  return out;
}

}  // namespace

std::string setup_policy() {
  storage::Sha256 hash;
  hash.add(style);
  return "default-src 'none'; style-src 'sha256-" + base64(hash.finish()) +
         "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

std::string setup_page(const Site& site, const SetupForm& filled, std::string_view message) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Set up this "
      "device</title><style>";
  out.append(style).append("</style></head><body>\n<h1>Set up this device</h1>\n");
  if (!message.empty()) out.append("<p role=\"alert\">").append(escaped(message)).append("</p>\n");
  out +=
      "<p>For iPhone, iPad and Mac: log in, and a profile is downloaded that sets up everything. It holds a password "
      "of its own for this device, which can be revoked alone; yours stays here.</p>\n"
      "<form method=\"post\" action=\"/setup/\">\n<label>Name or e-mail address"
      "<input name=\"name\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required value=\"";
  out += escaped(filled.name);
  out +=
      "\"></label>\n<label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" "
      "required></label>\n<label>What this device is called"
      "<input name=\"device\" maxlength=\"60\" required placeholder=\"Phone\" value=\"";
  out.append(escaped(filled.device)).append("\"></label>\n<fieldset>\n");
  if (can_bring_mail(site)) out += check_box("mail", "Mail", filled.mail);
  out += check_box("calendars", "Calendars and reminders", filled.calendars);
  out += check_box("contacts", "Contacts", filled.contacts);
  out +=
      "</fieldset>\n<p><button type=\"submit\">Download the profile</button></p>\n</form>\n"
      "<p><small>Then open Settings, where the profile waits to be installed. Other programs and devices: "
      "<a href=\"/\">how to connect</a>.</small></p>\n</body></html>\n";
  return out;
}

Setup set_up(storage::Store& store, storage::Accounts& accounts, const Site& site, std::string_view body,
             std::string_view address, std::string_view client) {
  const auto fields = form_fields(body);
  const auto field = [&](std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  const SetupForm form{without_controls(field("name")), without_controls(field("device")),
                       can_bring_mail(site) && !field("mail").empty(), !field("calendars").empty(),
                       !field("contacts").empty()};
  const std::string password = field("password");

  using Outcome = Setup::Outcome;
  if (form.name.empty() || password.empty() || form.device.empty())
    return page(site, form, Outcome::again, "Something is missing.");
  if (form.name.size() > 320 || password.size() > 1024 || form.device.size() > longest_label)
    return page(site, form, Outcome::again, "That is too long.");
  if (!form.mail && !form.calendars && !form.contacts)
    return page(site, form, Outcome::again, "Tick what this device is to have.");

  const storage::Login login = accounts.authenticate(form.name, password, address, client);
  if (login.outcome == storage::LoginOutcome::throttled) {
    Setup out = page(site, form, Outcome::throttled, "Too many failed logins; wait a while.");
    out.retry_after = std::max(login.retry_after, std::chrono::seconds(1));
    return out;
  }
  const bool accepted = login.outcome == storage::LoginOutcome::accepted && login.principal;
  if (!accepted || login.principal->credential != 0) {
    Setup out = page(site, form, Outcome::refused, "The name or the password is wrong. It must be the account's own.");
    out.reason = accepted ? "an app password can't make another" : login.reason;
    return out;
  }

  const auto account =
      store.read([&](storage::Transaction& transaction) { return transaction.account(login.principal->account); });
  if (!account) return page(site, form, Outcome::refused, "The name or the password is wrong.");
  if (accounts.credentials(account->id).size() >= most_credentials)
    return page(site, form, Outcome::too_many, "This account has too many app passwords; have old ones revoked.");
  Profile wanted;
  wanted.account = account->name;
  if (!account->addresses.empty()) wanted.address = account->addresses.front();
  wanted.full_name = account->display_name.empty() ? account->name : account->display_name;
  wanted.device = form.device;
  wanted.mail = form.mail && !wanted.address.empty();
  wanted.calendars = form.calendars;
  wanted.contacts = form.contacts;
  const storage::Scope scope{form.calendars || form.contacts, wanted.mail, false};
  if (!scope.dav && !scope.mail) return page(site, form, Outcome::again, "This account has no e-mail address.");
  wanted.password = accounts.create_credential(account->id, form.device, scope, std::nullopt);

  Setup out;
  out.outcome = Outcome::made;
  out.account = account->name;
  out.text = profile(site, wanted);
  return out;
}

}  // namespace web
