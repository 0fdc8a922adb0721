#include "storage/sql/database.h"
#include "storage/store.h"

namespace storage {

constexpr const char* select_properties =
    "SELECT ns, name, xml FROM property WHERE collection = $1 AND member = $2 ORDER BY ns, name";

std::vector<Property> Transaction::properties(Id collection, Id member) {
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(select_properties);
  row->bind(1, collection).bind(2, member);
  std::vector<Property> properties;
  while (row->step()) {
    properties.push_back({std::string(row->text(0)), std::string(row->text(1)), std::string(row->text(2))});
  }
  return properties;
}

constexpr const char* select_member_properties =
    "SELECT member, ns, name, xml FROM property WHERE collection = $1 AND member > 0 ORDER BY member, ns, name";

void Transaction::for_each_property(Id collection, const std::function<void(Id, const Property&)>& each) {
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(select_member_properties);
  row->bind(1, collection);
  Property property;
  while (row->step()) {
    property.ns = row->text(1);
    property.name = row->text(2);
    property.xml = row->text(3);
    each(row->integer(0), property);
  }
}

constexpr const char* upsert_property =
    "INSERT INTO property (collection, member, ns, name, xml) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (collection, member, ns, name) DO UPDATE SET xml = excluded.xml";

void Transaction::set_property(Id collection, Id member, const Property& property) {
  begin_change(collection);
  const auto upsert = connection_.prepare(upsert_property);
  upsert->bind(1, collection).bind(2, member).bind(3, property.ns).bind(4, property.name).bind(5, property.xml);
  upsert->send();
}

constexpr const char* delete_property =
    "DELETE FROM property WHERE collection = $1 AND member = $2 AND ns = $3 AND name = $4";

void Transaction::remove_property(Id collection, Id member, std::string_view ns, std::string_view name) {
  begin_change(collection);
  const auto remove = connection_.prepare(delete_property);
  remove->bind(1, collection).bind(2, member).bind(3, ns).bind(4, name);
  remove->send();
}

}  // namespace storage
