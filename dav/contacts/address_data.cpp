#include "dav/contacts/address_data.h"

#include <algorithm>
#include <utility>

#include "dav/contacts/convert.h"
#include "dav/contacts/filter.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

// RFC 6352 10.4.2
std::string selected(const Card& card, const AddressDataRequest& request) {
  std::string out;
  const content::Component& component = card.component();
  content::append_raw(out, component.begin);
  for (const content::Property& property : component.properties) {
    const auto wanted = std::find_if(request.properties.begin(), request.properties.end(),
                                     [&](const auto& each) { return is_named(property, each.name); });
    if (wanted == request.properties.end()) continue;
    if (wanted->no_value) {
      content::append_without_value(out, property);
    } else {
      content::append_raw(out, property.raw);
    }
  }
  content::append_raw(out, component.end);
  return content::mend_folds(std::move(out));
}

}  // namespace

// RFC 6352 10.4
std::string address_data(const Card& card, const AddressDataRequest& request) {
  if (!request.version || *request.version == card.version()) {
    return request.properties.empty() ? content::mend_folds(card.bytes()) : selected(card, request);
  }
  std::string text = converted(card, *request.version);
  if (request.properties.empty()) return text;
  const auto parsed = Card::parse(text);
  const auto* other = std::get_if<Card>(&parsed);
  return other == nullptr ? text : selected(*other, request);
}

}  // namespace dav::contacts
