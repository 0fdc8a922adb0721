#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_types.h"
#include "dav/content/json_tree.h"

namespace dav::contacts::jscontact {

namespace {

using content::Json;

void settle(Json& object, std::string_view type) {
  const bool implied = type != "Card" && content::string_member(object, "@type") != "Timestamp";
  if (implied) content::remove_member(object, "@type");
  if (type == "Title" && !content::has_member(object, "kind")) {
    content::add_member(object, "kind", content::json_string("title"));
  }
  if (type == "Relation" && !content::has_member(object, "relation")) {
    content::add_member(object, "relation", content::json_object());
  }
  const Json* ordered = content::find_member(object, "isOrdered");
  if (ordered != nullptr && ordered->text == "false" && (type == "Name" || type == "Address")) {
    content::remove_member(object, "isOrdered");
  }
  for_each_member(type, [&](const MemberRow& row) {
    Json* member = content::find_member(object, row.name);
    if (member == nullptr) return;
    if (row.type == Type::object) settle(*member, row.of);
    if (row.type == Type::date) settle(*member, "PartialDate");
    if (row.type != Type::array && row.type != Type::map && row.type != Type::text_map) return;
    for (Json& item : member->items) settle(item, row.of);
  });
}

}  // namespace

void settle_defaults(Json& card) { settle(card, "Card"); }

}  // namespace dav::contacts::jscontact
