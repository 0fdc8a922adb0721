#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dav/dispatch.h"
#include "dav/error.h"
#include "dav/xml.h"

namespace dav {

/// One resource as the property functions see it. Pointers are null where the kind has no such thing.
struct Resource {
  Kind kind = Kind::root;
  std::string_view href;
  const storage::Account* account = nullptr;
  const storage::Collection* collection = nullptr;  ///< the resource itself, a stored collection
  const storage::Collection* parent = nullptr;
  const storage::Member* member = nullptr;
  std::span<const storage::Property> stored;  ///< its stored properties, dead and settable
};

/// Appends the content of the property's element; false where the resource has no such property (404).
using ReadProperty = bool (*)(const Context&, const Resource&, std::string& out);

/// Checks a new value (null: removal). Returns the refusal, if any. A settable property is then stored as sent.
using CheckProperty = std::optional<Error> (*)(const Context&, const Resource&, const xml::Element* value);

/// One live property, a row of the tables in properties/*.cpp.
struct PropertyRow {
  std::string_view ns;
  std::string_view name;
  KindSet on;
  bool allprop;         ///< part of allprop (RFC 4918 9.1); later RFCs say no
  ReadProperty read;    ///< null: read from the stored value
  CheckProperty write;  ///< null: protected
};

/// The row for a name on a kind; null for a dead property.
const PropertyRow* find_property(std::string_view ns, std::string_view name, Kind kind);
std::span<const PropertyRow* const> properties_on(Kind kind);

}  // namespace dav
