#include <algorithm>
#include <array>

#include "dav/dispatch.h"
#include "dav/methods/methods.h"

namespace dav {

namespace {

using P = Privilege;

constexpr KindSet removable = all_objects | KindSet{Kind::calendar, Kind::addressbook, Kind::folder};
constexpr KindSet open_homes{Kind::calendar_home, Kind::addressbook_home, Kind::file_home, Kind::folder};

// name, mode, on_target, on_parent, on, prepare. The privileges are those of RFC 3744 Appendix B.
constexpr std::array<Method, 9> table{{
    // RFC 9110 9.3
    {"OPTIONS", Mode::reads, P::none, P::read, everything, prepare_options},
    {"GET", Mode::reads, P::read, P::none, everything, prepare_get},
    {"HEAD", Mode::reads, P::read, P::none, everything, prepare_get},
    {"PUT", Mode::writes, P::write_content, P::bind, all_objects, prepare_put},
    {"DELETE", Mode::writes, P::unbind, P::none, removable, prepare_delete},
    // RFC 4918 9
    {"PROPFIND", Mode::reads, P::read, P::none, everything, prepare_propfind},
    {"PROPPATCH", Mode::writes, P::write_properties, P::none, everything, prepare_proppatch},
    {"MKCOL", Mode::writes, P::bind, P::bind, open_homes, prepare_mkcol},
    // RFC 3253 3.6
    {"REPORT", Mode::reads, P::read, P::none, everything, prepare_report},
}};

}  // namespace

std::span<const Method> methods() { return table; }

const Method* find_method(std::string_view name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Method& method) { return method.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string_view dav_header() { return "1, 2, 3, access-control, extended-mkcol, calendar-access, addressbook"; }

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
