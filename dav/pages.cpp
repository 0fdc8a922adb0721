#include "dav/pages.h"

#include <utility>
#include <vector>

#include "dav/dispatch_answer.h"
#include "dav/http_date.h"
#include "dav/spooled_text.h"
#include "dav/xml.h"

namespace dav {

namespace {

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 "
    "1rem;color:#222;background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin:1.5rem 0 .25rem}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid "
    "#ddd}td:nth-child(n+2){white-space:nowrap}"
    "code{background:#f2f2f2;padding:.1rem .3rem;overflow-wrap:anywhere}p{margin:.25rem 0}";

std::string head(std::string_view title) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>";
  xml::escape(page, title);
  page.append("</title><style>").append(style).append("</style></head><body>\n<h1>");
  xml::escape(page, title);
  page += "</h1>\n";
  return page;
}

struct Guide {
  std::string_view client;
  std::string_view steps;  ///< "{url}", "{host}" and "{name}" are filled in; addresses stand in backquotes
};

constexpr Guide guides[] = {
    {"iPhone and iPad",
     "Settings, Apps, Calendar, Calendar Accounts, Add Account, Other, Add CalDAV Account. Server `{host}`, your name "
     "and password. Contacts likewise, with Add CardDAV Account. Or open `{url}setup/` on the device: it makes a "
     "profile "
     "that sets up everything."},
    {"macOS",
     "System Settings, Internet Accounts, Add Other Account, CalDAV (Manual): server address `{host}`. Contacts "
     "likewise with CardDAV. Files: in Finder, Go, Connect to Server, `{url}dav/files/{name}/`"},
    {"Android: DAVx5",
     "Add an account, login with URL and user name: `{url}` It finds calendars, tasks and address books."},
    {"Thunderbird",
     "New Calendar, On the Network: user name, and `{url}` as the location. New CardDAV Address Book: user name, and "
     "`{url}`"},
    {"GNOME: Calendar, Contacts, Evolution",
     "In Evolution: New, Collection Account, user name, and `{url}` as the server. Files: in the Files application, "
     "Other Locations, `davs://{host}/dav/files/{name}/`"},
    {"KDE: Kontact, Merkuro", "Add a DAV groupware resource, configured by hand: CalDAV and CardDAV at `{url}dav/`"},
    {"Outlook on Windows",
     "With the add-in CalDav Synchronizer: new profile, generic CalDAV/CardDAV, DAV URL `{url}` and Test or discover "
     "settings."},
    {"Windows Explorer, rclone, davfs2", "A network drive at `{url}dav/files/{name}/`"},
    {"vdirsyncer, khal, khard, todoman", "`url = \"{url}\"` for both storage types caldav and carddav."},
};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string human_size(std::int64_t size) {
  static constexpr const char* units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
  std::size_t unit = 0;
  std::int64_t tenths = size * 10;
  while (tenths >= 10240 && unit < 4) {
    tenths /= 1024;
    ++unit;
  }
  std::string text = std::to_string(tenths / 10);
  if (unit > 0) text.append(".").append(std::to_string(tenths % 10));
  return text + units[unit];
}

void append_row(std::string& page, std::string_view href, std::string_view name, std::string_view size,
                std::string_view date) {
  page += "<tr><td><a href=\"";
  xml::escape_attribute(page, href);
  page += "\">";
  xml::escape(page, name);
  page.append("</a></td><td>").append(size).append("</td><td>").append(date).append("</td></tr>\n");
}

void append_members(SpooledText& page, Context& context) {
  const Target& target = context.target;
  for (const storage::Member& child : context.transaction.children(target.collection->id)) {
    std::string href = target.href;
    encode_segment(href, child.name);
    append_row(page.out(), href + '/', child.name + '/', "", http_date(child.modified));
  }
  const auto append = [&](const storage::Member& member) {
    if (member.child != 0) return;
    std::string href = target.href;
    encode_segment(href, member.name);
    append_row(page.out(), href, member.name, human_size(member.size), http_date(member.modified));
  };
  context.transaction.for_each_member(target.collection->id, storage::WithBytes::no, append);
}

/// What the roots hold for the one who asks: its own places.
std::vector<std::string> places(const Context& context) {
  std::string name;
  encode_segment(name, context.principal.name);
  switch (context.target.kind) {
    case Kind::root:
      return {"/dav/"};
    case Kind::dav_root:
      return {"/dav/principals/", "/dav/calendars/", "/dav/addressbooks/", "/dav/files/"};
    case Kind::principal_root:
    case Kind::calendar_root:
    case Kind::addressbook_root:
    case Kind::file_root:
      return {context.target.href + name + '/'};
    case Kind::principal:
      if (context.target.address.account != context.principal.name) return {};
      return {"/dav/calendars/" + name + '/', "/dav/addressbooks/" + name + '/', "/dav/files/" + name + '/'};
    default:
      return {};
  }
}

Response html(storage::Segment document) {
  Response response;
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Frame-Options", "DENY");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cache-Control", "private, no-cache");
  response.headers.add("Vary", "Accept");
  response.body.push_back(std::move(document));
  return response;
}

}  // namespace

bool wants_page(const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return false;
  const auto accept = request.headers.find("Accept");
  return accept && accept->find("text/html") != std::string_view::npos;
}

Response front_page(const Request& request, const Settings& settings) {
  const std::string host = !request.authority.empty() ? request.authority : settings.host_name;
  const std::string url = request.scheme + "://" + host + "/";
  std::string page = head("Pileus");
  page +=
      "<p>Calendars, contacts and files live here. Nothing more is needed in most programs than this address, your "
      "name and your password:</p>\n<p><code>";
  xml::escape(page, url);
  page +=
      "</code></p>\n<p>An app password for each device is better than the account's own. What you keep here can also "
      "be <a href=\"/dav/\">looked at</a>.</p>\n";
  for (const Guide& guide : guides) {
    std::string steps;
    xml::escape(steps, guide.steps);
    for (bool inside = false; steps.find('`') != std::string::npos; inside = !inside) {
      steps.replace(steps.find('`'), 1, inside ? "</code>" : "<code>");
    }
    for (const auto& [mark, value] :
         {std::pair<std::string_view, std::string>{"{url}", url}, {"{host}", host}, {"{name}", "NAME"}}) {
      std::string escaped;
      xml::escape(escaped, value);
      replace_all(steps, mark, escaped);
    }
    page.append("<h2>").append(guide.client).append("</h2>\n<p>").append(steps).append("</p>\n");
  }
  page += "</body></html>\n";
  return html({std::move(page), nullptr, 0, 0});
}

Response listing_page(Context& context) {
  const Target& target = context.target;
  SpooledText page(context.environment.store.spool_directory());
  page.out() += head(target.name.empty() ? target.href : target.name);
  page.out() += "<table>\n<tr><th>Name</th><th>Size</th><th>Changed</th></tr>\n";
  if (target.kind != Kind::root) {
    const auto parent = target.href.rfind('/', target.href.size() - 2);
    append_row(page.out(), target.href.substr(0, parent + 1), "..", "", "");
  }
  for (const std::string& place : places(context)) append_row(page.out(), place, place, "", "");
  if (target.collection) append_members(page, context);
  page.out() += "</table>\n</body></html>\n";
  return html(page.finish());
}

}  // namespace dav
