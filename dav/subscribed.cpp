#include "dav/subscribed.h"

#include <algorithm>
#include <array>

#include "dav/calendar/value.h"
#include "dav/error.h"
#include "dav/xml.h"

namespace dav {

namespace {

using condition::CS;
constexpr std::string_view ICAL = "http://apple.com/ns/ical/";

constexpr storage::Timestamp least_pause = 10;

constexpr std::array<std::pair<std::string_view, bool Subscribed::*>, 3> flags{{
    {"subscribed-strip-alarms", &Subscribed::strip_alarms},
    {"subscribed-strip-attachments", &Subscribed::strip_attachments},
    {"subscribed-strip-todos", &Subscribed::strip_tasks},
}};

std::string href_in(const std::string& property) {
  const auto document = xml::Document::parse(property);
  const xml::Element* href = document.root().child(condition::DAV, "href");
  return href ? href->text() : document.root().text();
}

// An xs:duration of what RFC 5545 3.3.6 has too; Apple's clients write P1W, P1D, PT1H, PT15M.
std::optional<std::chrono::seconds> duration_in(const std::string& property) {
  const auto duration = calendar::parse_duration(xml::Document::parse(property).root().text());
  if (!duration) return std::nullopt;
  return std::chrono::seconds(duration->days * calendar::day + duration->seconds);
}

}  // namespace

Subscribed read_subscribed(const std::vector<storage::Property>& properties) {
  Subscribed subscribed;
  for (const storage::Property& property : properties) {
    if (property.ns == CS && property.name == "source") subscribed.url = href_in(property.xml);
    if (property.ns == ICAL && property.name == "refreshrate") subscribed.refresh = duration_in(property.xml);
    for (const auto& [name, flag] : flags) {
      if (property.ns == CS && property.name == name) subscribed.*flag = true;
    }
  }
  return subscribed;
}

storage::Property source_property(std::string_view url) {
  std::string xml = "<CS:source xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:D=\"DAV:\"><D:href>";
  xml::escape(xml, url);
  return {std::string(CS), "source", xml.append("</D:href></CS:source>")};
}

bool concerns_fetching(std::string_view ns, std::string_view name) {
  if (ns == ICAL) return name == "refreshrate";
  return ns == CS && (name == "source" ||
                      std::any_of(flags.begin(), flags.end(), [&](const auto& flag) { return flag.first == name; }));
}

void fetch_again(storage::Transaction& transaction, const storage::Collection& calendar) {
  const auto subscription = transaction.subscription(calendar.id);
  if (!subscription) return;
  transaction.fetch_soon(calendar.id, std::max(transaction.now(), subscription->last_fetch + least_pause));
}

}  // namespace dav
