#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dav/dispatch.h"
#include "dav/error.h"
#include "dav/multistatus.h"
#include "dav/xml.h"

namespace dav {

/// What a report asks of calendar-data or address-data; see reports/data.h.
struct DataOptions;

/// One resource as the property functions see it. Pointers are null where the kind has no such thing.
struct Resource {
  Kind kind = Kind::root;
  std::string_view href;
  const storage::Account* account = nullptr;
  const storage::Collection* collection = nullptr;  ///< the resource itself, a stored collection
  const storage::Collection* parent = nullptr;
  const storage::Member* member = nullptr;
  std::span<const storage::Property> stored;  ///< its stored properties, dead and settable
  const DataOptions* data = nullptr;          ///< in a report: how much of the bytes is wanted
};

/// The resource at a target; it refers to the target's parts. Without its stored properties.
Resource resource_at(const Target& target);

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
  ReadProperty read;    ///< null: there is only the stored value; of a settable one: what holds where none is stored
  CheckProperty write;  ///< null: protected
};

/// The row for a name on a kind; null for a dead property.
const PropertyRow* find_property(std::string_view ns, std::string_view name, Kind kind);
std::span<const PropertyRow* const> properties_on(Kind kind);

/// The stored property of that name; null if there is none.
const storage::Property* find_stored(const Resource& resource, std::string_view ns, std::string_view name);
const storage::Property* find_stored(std::span<const storage::Property> stored, std::string_view ns,
                                     std::string_view name);

struct PropertyName {
  std::string ns;
  std::string name;
};

/// Which properties are asked for.
struct PropertyRequest {
  enum class What {
    named,
    all,         ///< DAV:allprop; `names` are those of DAV:include
    names_only,  ///< DAV:propname
  };
  What what = What::all;
  std::vector<PropertyName> names;
};

/// Reads DAV:prop, DAV:allprop with DAV:include or DAV:propname among the children of `element` (RFC 4918 14.20, and
/// the reports); nothing where there is none of them. Throws Error{bad_request} where there are several.
std::optional<PropertyRequest> read_property_request(const xml::Element& element);

/// Writes the properties asked for, of any number of resources. Names are looked up once for each kind of resource.
class PropertyWriter {
 public:
  /// `minimal`: properties that a resource doesn't have are left out (RFC 8144 2.1).
  PropertyWriter(PropertyRequest request, bool minimal);

  /// Whether writing resources of that kind needs Resource::stored.
  bool needs_stored(Kind kind) { return plan(kind).stored; }

  /// Whether it needs the bytes of members: calendar-data or address-data are asked for.
  bool needs_bytes(Kind kind) { return plan(kind).bytes; }

  /// Appends a DAV:response for the resource.
  void write(const Context& context, const Resource& resource, Multistatus& answer);

  /// Appends its DAV:propstat elements alone.
  void write_propstats(const Context& context, const Resource& resource, Multistatus& answer);

 private:
  struct Item {
    const PropertyRow* row = nullptr;  ///< null for a dead property
    std::string_view ns;
    std::string_view name;
    bool named = false;  ///< in the request; only these are accounted for where a resource has none
    std::string open, close, empty;
  };
  struct Plan {
    std::vector<Item> items;
    bool stored = false;
    bool bytes = false;
    bool every_dead = false;
  };

  Plan& plan(Kind kind);
  Plan make_plan(Kind kind) const;
  bool append_value(const Context& context, const Resource& resource, const Item& item, std::string& out);
  void append_dead(const Resource& resource, const Plan& plan, std::string& out);

  PropertyRequest request_;
  bool minimal_;
  std::array<std::unique_ptr<Plan>, static_cast<std::size_t>(Kind::count_)> plans_;
  std::string missing_;  ///< reused from resource to resource
};

}  // namespace dav
