#include "dav/kind.h"

#include <array>

namespace dav {

namespace {

constexpr std::string_view plain = "<D:collection/>";

// kind, collection, resourcetype, object, subcollection, member
constexpr std::array<KindRow, static_cast<std::size_t>(Kind::count_)> rows{{
    {Kind::root, true, plain, Kind::root, Kind::root, Kind::root},
    {Kind::dav_root, true, plain, Kind::dav_root, Kind::dav_root, Kind::dav_root},
    {Kind::principal_root, true, plain, Kind::principal_root, Kind::principal_root, Kind::principal},
    // RFC 3744 4
    {Kind::principal, true, "<D:collection/><D:principal/>", Kind::principal, Kind::principal, Kind::principal},
    {Kind::calendar_root, true, plain, Kind::calendar_root, Kind::calendar_root, Kind::calendar_home},
    {Kind::addressbook_root, true, plain, Kind::addressbook_root, Kind::addressbook_root, Kind::addressbook_home},
    {Kind::file_root, true, plain, Kind::file_root, Kind::file_root, Kind::file_home},
    {Kind::calendar_home, true, plain, Kind::calendar_home, Kind::calendar, Kind::calendar},
    {Kind::addressbook_home, true, plain, Kind::addressbook_home, Kind::addressbook, Kind::addressbook},
    {Kind::file_home, true, plain, Kind::file, Kind::folder, Kind::file},
    // RFC 4791 4.2
    {Kind::calendar, true, "<D:collection/><C:calendar/>", Kind::calendar_object, Kind::calendar,
     Kind::calendar_object},
    // RFC 6352 5.2
    {Kind::addressbook, true, "<D:collection/><A:addressbook/>", Kind::card, Kind::addressbook, Kind::card},
    {Kind::folder, true, plain, Kind::file, Kind::folder, Kind::file},
    // RFC 6638 2.2, 2.1
    {Kind::inbox, true, "<D:collection/><C:schedule-inbox/>", Kind::inbox, Kind::inbox, Kind::calendar_object},
    {Kind::outbox, true, "<D:collection/><C:schedule-outbox/>", Kind::outbox, Kind::outbox, Kind::calendar_object},
    {Kind::notifications, true, "<D:collection/><CS:notification/>", Kind::notifications, Kind::notifications,
     Kind::file},
    {Kind::calendar_object, false, "", Kind::calendar_object, Kind::calendar_object, Kind::calendar_object},
    {Kind::card, false, "", Kind::card, Kind::card, Kind::card},
    {Kind::file, false, "", Kind::file, Kind::file, Kind::file},
    // RFC 8607 3.10
    {Kind::attachment, false, "", Kind::attachment, Kind::attachment, Kind::attachment},
    // draft-daboo-carddav-directory-gateway-02 4.1
    {Kind::directory, true, "<D:collection/><A:addressbook/><A:directory/>", Kind::directory, Kind::directory,
     Kind::card},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the rows stand in the order of Kind");

}  // namespace

const KindRow& row(Kind kind) { return rows[static_cast<std::size_t>(kind)]; }

Kind kind_of(storage::CollectionKind kind) {
  switch (kind) {
    case storage::CollectionKind::calendar_home:
      return Kind::calendar_home;
    case storage::CollectionKind::addressbook_home:
      return Kind::addressbook_home;
    case storage::CollectionKind::file_home:
      return Kind::file_home;
    case storage::CollectionKind::calendar:
      return Kind::calendar;
    case storage::CollectionKind::addressbook:
      return Kind::addressbook;
    case storage::CollectionKind::folder:
      return Kind::folder;
    case storage::CollectionKind::inbox:
      return Kind::inbox;
    case storage::CollectionKind::outbox:
      return Kind::outbox;
    case storage::CollectionKind::notifications:
      return Kind::notifications;
    case storage::CollectionKind::mail_home:
    case storage::CollectionKind::mailbox:
      break;  // no path leads there
  }
  return Kind::folder;
}

std::optional<storage::CollectionKind> collection_kind(Kind kind) {
  switch (kind) {
    case Kind::calendar:
      return storage::CollectionKind::calendar;
    case Kind::addressbook:
      return storage::CollectionKind::addressbook;
    case Kind::folder:
      return storage::CollectionKind::folder;
    default:
      return std::nullopt;
  }
}

}  // namespace dav
