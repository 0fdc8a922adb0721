#include <algorithm>
#include <iterator>

#include "dav/dispatch.h"
#include "dav/error.h"
#include "dav/methods/methods.h"
#include "dav/reports/report.h"

namespace dav {

namespace {

using P = Privilege;

constexpr KindSet removable = all_objects | KindSet{Kind::calendar, Kind::addressbook, Kind::folder};
constexpr KindSet open_homes{Kind::calendar_home, Kind::addressbook_home, Kind::file_home, Kind::folder};
constexpr KindSet growing{Kind::calendar, Kind::addressbook, Kind::folder, Kind::file_home};
constexpr KindSet readable = everything | KindSet(Kind::attachment);
constexpr KindSet lockable = removable | all_homes;

// name, mode, on_target, on_parent, on, prepare. The privileges are those of RFC 3744 Appendix B.
constexpr Method table[] = {
    // RFC 9110 9.3
    {"OPTIONS", Mode::reads, P::none, P::read, readable, prepare_options},
    {"GET", Mode::reads, P::read, P::none, readable, prepare_get},
    {"HEAD", Mode::reads, P::read, P::none, readable, prepare_get},
    {"PUT", Mode::writes, P::write_content, P::bind, all_objects, prepare_put},
    // RFC 5995 3.1, RFC 8607 3.3
    {"POST", Mode::writes, P::bind, P::none, growing | KindSet(Kind::calendar_object), prepare_post},
    {"DELETE", Mode::writes, P::unbind, P::none, removable, prepare_delete},
    // RFC 4918 9
    {"PROPFIND", Mode::reads, P::read, P::none, everything, prepare_propfind},
    {"PROPPATCH", Mode::writes, P::write_properties, P::none, everything, prepare_proppatch},
    {"MKCOL", Mode::writes, P::bind, P::bind, open_homes, prepare_mkcol},
    // RFC 4791 5.3.1
    {"MKCALENDAR", Mode::writes, P::bind, P::bind, KindSet(Kind::calendar_home), prepare_mkcalendar},
    {"COPY", Mode::writes, P::read, P::none, removable, prepare_copy},
    {"MOVE", Mode::writes, P::unbind, P::none, removable, prepare_move},
    {"LOCK", Mode::writes, P::write_content, P::bind, lockable, prepare_lock},
    {"UNLOCK", Mode::writes, P::unlock, P::none, lockable, prepare_unlock},
    // RFC 3744 8.1
    {"ACL", Mode::writes, P::write_acl, P::none, everything, prepare_acl},
    // RFC 3253 3.6
    {"REPORT", Mode::reads, P::read, P::none, everything, prepare_report},
};

/// A token of the DAV header, and the method or report without which it would be a lie.
struct Ability {
  std::string_view token;
  std::string_view method;
  std::string_view report_ns;
  std::string_view report;
};

constexpr Ability abilities[] = {
    // RFC 4918 18
    {"1", "PROPFIND", "", ""},
    {"2", "LOCK", "", ""},
    {"3", "PROPFIND", "", ""},
    // RFC 3744 7.2
    {"access-control", "ACL", "", ""},
    // RFC 5689 3.1
    {"extended-mkcol", "MKCOL", "", ""},
    // RFC 4791 5.1
    {"calendar-access", "REPORT", condition::CALDAV, "calendar-multiget"},
    // RFC 7809 3.1.1
    {"calendar-no-timezone", "REPORT", condition::CALDAV, "calendar-query"},
    // RFC 8607 3.2
    {"calendar-managed-attachments", "POST", "", ""},
    // Apple's filters with test and match-type; its clients may leave conditions out where they don't find it.
    {"calendar-query-extended", "REPORT", condition::CALDAV, "calendar-query"},
    // One sync-collection of a home instead of one for each of its calendars.
    {"calendarserver-home-sync", "REPORT", condition::DAV, "sync-collection"},
    // RFC 6352 6.1
    {"addressbook", "REPORT", condition::CARDDAV, "addressbook-multiget"},
    // Apple's clients search for people only where they find these.
    {"calendarserver-principal-property-search", "REPORT", condition::DAV, "principal-property-search"},
    {"calendarserver-principal-search", "REPORT", condition::CS, "calendarserver-principal-search"},
};

bool able(const Ability& ability) {
  if (find_method(ability.method) == nullptr) return false;
  if (ability.report.empty()) return true;
  const auto all = reports();
  return std::any_of(all.begin(), all.end(), [&](const auto& report) {
    return report.name == ability.report && report.ns == ability.report_ns;
  });
}

}  // namespace

std::span<const Method> methods() { return table; }

const Method* find_method(std::string_view name) {
  const auto found =
      std::find_if(std::begin(table), std::end(table), [&](const Method& method) { return method.name == name; });
  return found == std::end(table) ? nullptr : &*found;
}

std::string_view dav_header() {
  static const std::string value = [] {
    std::string list;
    for (const Ability& ability : abilities) {
      if (able(ability)) list.append(list.empty() ? "" : ", ").append(ability.token);
    }
    return list;
  }();
  return value;
}

std::string allowed_methods(const Target& target, std::string_view without) {
  std::string list;
  for (const Method& method : table) {
    const bool possible = target.exists ? method.on.has(target.kind) : method.on_parent != Privilege::none;
    if (!possible || method.name == without) continue;
    if (!list.empty()) list += ", ";
    list += method.name;
  }
  return list;
}

}  // namespace dav
