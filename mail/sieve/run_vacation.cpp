#include <algorithm>
#include <array>

#include "mail/mime/address.h"
#include "mail/mime/charset.h"
#include "mail/mime/header.h"
#include "mail/sieve/fields.h"
#include "mail/sieve/run.h"

namespace mail::sieve {

namespace {

/// RFC 5230 4.5
constexpr std::array recipient_fields = {"To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"};

/// A message that has one of these is of a list. RFC 5230 4.6
constexpr std::array list_fields = {"List-Id",   "List-Help",  "List-Subscribe", "List-Unsubscribe",
                                    "List-Post", "List-Owner", "List-Archive",   "Mailing-List"};

/// Who never reads an answer. RFC 5230 4.6, RFC 3834 2
constexpr std::array<std::string_view, 8> robots = {"mailer-daemon", "listserv",   "majordomo",    "noreply",
                                                    "no-reply",      "donotreply", "do-not-reply", "bounce"};

bool is_robot(std::string_view address) {
  const std::string local = mime::lower_case(address.substr(0, address.rfind('@')));
  return std::find(robots.begin(), robots.end(), local) != robots.end() || local.starts_with("owner-") ||
         local.ends_with("-request") || local.starts_with("bounce-") || local.starts_with("bounces+") ||
         local.ends_with("-bounces") || local.ends_with("-owner");
}

/// The first word of a value such as `auto-replied; x=y`.
std::string first_word(std::string_view value) {
  return mime::lower_case(mime::trimmed(value.substr(0, value.find_first_of("; ("))));
}

void add_counted(std::string& key, const std::string& text) { key += std::to_string(text.size()) + ":" + text; }

/// Which response this is, by what stands in the script, before variables are put in. RFC 5230 4.2
std::string response_key(const Call& call) {
  std::string key;
  if (const Argument* handle = call.option(Tag::handle)) {
    add_counted(key += 'h', handle->text());
    return key;
  }
  for (const Tag tag : {Tag::subject, Tag::from}) {
    const Argument* value = call.option(tag);
    add_counted(key += value == nullptr ? '-' : '+', value == nullptr ? std::string() : value->text());
  }
  add_counted(key += call.has(Tag::mime) ? 'm' : 't', call.arguments[0].text());
  return key;
}

}  // namespace

/// Whether one of the account's addresses is among the recipients. RFC 5230 4.5
bool Run::is_for_me(const Call& call) {
  std::vector<std::string> mine = setting_.addresses;
  mine.push_back(setting_.to);
  if (const Argument* more = call.option(Tag::addresses)) {
    for (std::string& one : variables_->expand(*more)) mine.push_back(std::move(one));
  }
  for (const char* name : recipient_fields) {
    for (const std::size_t i : header_.named(name)) {
      budget_.spend(header_.all()[i].value.size());
      for (const mime::Address& one : mime::parse_addresses(mime::unfold(header_.all()[i].value))) {
        budget_.spend(mine.size());
        const std::string address = mime::address_text(one);
        if (std::any_of(mine.begin(), mine.end(), [&](const auto& my) { return mime::same_word(my, address); })) {
          return true;
        }
      }
    }
  }
  return false;
}

/// RFC 5230 4.5 and 4.6, RFC 3834 2
bool Run::may_answer(const Call& call) {
  if (setting_.from.empty() || is_robot(setting_.from)) return false;
  const auto is_mine = [&](const std::string& one) { return mime::same_word(one, setting_.from); };
  if (is_mine(setting_.to) || std::any_of(setting_.addresses.begin(), setting_.addresses.end(), is_mine)) return false;
  for (const char* name : list_fields) {
    if (!header_.named(name).empty()) return false;
  }
  const auto submitted = header_.first("Auto-Submitted");
  if (submitted && first_word(*submitted) != "no") return false;
  const std::string precedence = first_word(header_.first("Precedence").value_or(""));
  if (precedence == "bulk" || precedence == "list" || precedence == "junk") return false;
  // Exchange asks by this field that nobody answers by himself.
  const std::string suppress = mime::lower_case(header_.first("X-Auto-Response-Suppress").value_or(""));
  if (suppress.find("all") != std::string::npos || suppress.find("oof") != std::string::npos) return false;
  return is_for_me(call);
}

/// RFC 5230 4
void Run::vacation(const Call& call) {
  if (answered_) throw ScriptError(call.place, "there can be one 'vacation' only");
  for (const Action& one : outcome_.actions) {
    if (one.kind == Action::Kind::reject || one.kind == Action::Kind::ereject) {
      throw ScriptError(call.place, "a message that is refused is not answered");
    }
  }
  answered_ = true;
  Vacation out;
  out.reason = text(call.arguments[0]);
  out.mime = call.has(Tag::mime);
  if (out.mime) {
    // RFC 5230 5: "Implementations SHOULD reject vacation :mime actions containing 8bit header material."
    const std::string_view head = std::string_view(out.reason).substr(0, out.reason.find("\r\n\r\n"));
    if (!mime::is_ascii(head)) throw ScriptError(call.place, "the header of a :mime reason must be ASCII");
  }
  if (const Argument* from = call.option(Tag::from)) {
    out.from = one_line(text(*from));
    if (!is_mailbox_list(out.from)) throw ScriptError(call.place, shown(out.from) + " is no address to send from");
  }
  if (!may_answer(call)) return;
  constexpr std::size_t most_subject = 500;
  if (const Argument* subject = call.option(Tag::subject)) {
    out.subject = text(*subject);
  } else if (const auto original = header_.first("Subject"); original && !original->empty()) {
    out.subject = "Auto: " + *original;
  } else {
    out.subject = "Automated reply";
  }
  out.subject = cut(one_line(out.subject), most_subject);
  out.to = setting_.from;
  constexpr std::size_t most_references = 2000;
  out.message_id = cut(one_line(header_.first("Message-ID").value_or("")), most_references);
  std::string references = header_.first("References").value_or(header_.first("In-Reply-To").value_or(""));
  if (references.size() > most_references) references.clear();
  out.references = one_line(references + " " + out.message_id);
  out.key = response_key(call) + '\0' + mime::lower_case(out.to);
  constexpr std::uint64_t day = 86400;
  const auto most = static_cast<std::uint64_t>(limits_.vacation_seconds);
  std::uint64_t seconds = 7 * day;
  if (const Argument* days = call.option(Tag::days)) {
    seconds = std::min(std::max<std::uint64_t>(days->number, 1), most) * day;
  } else if (const Argument* given = call.option(Tag::seconds)) {
    seconds = given->number;
  }
  out.seconds = static_cast<std::int64_t>(std::min(seconds, most));
  Action& added = add(Action::Kind::vacation, call.place);
  added.target = out.to;
  added.vacation = std::move(out);
}

}  // namespace mail::sieve
