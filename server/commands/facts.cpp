#include "server/commands/facts.h"

#include <variant>

#include "dav/calendar/object.h"
#include "dav/contacts/card.h"
#include "dav/facts.h"

namespace server {

storage::DeriveFacts derive_facts(const dav::calendar::TimeZones& zones) {
  return [&zones](storage::CollectionKind kind, const std::string& bytes) -> std::optional<storage::ObjectFacts> {
    if (kind == storage::CollectionKind::addressbook) {
      const auto card = dav::contacts::Card::parse(bytes);
      const auto* read = std::get_if<dav::contacts::Card>(&card);
      if (read == nullptr) return std::nullopt;
      return dav::facts_of(*read);
    }
    const auto object = dav::calendar::Object::parse(bytes, zones);
    const auto* read = std::get_if<dav::calendar::Object>(&object);
    if (read == nullptr) return std::nullopt;
    return dav::facts_of(*read, zones);
  };
}

}  // namespace server
