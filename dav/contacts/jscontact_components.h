#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dav/contacts/jscontact_tables.h"
#include "dav/contacts/line.h"
#include "dav/content/json.h"

namespace dav::contacts::jscontact {

/// The parts of a structured value, each a list, unescaped.
using Structure = std::vector<std::vector<std::string>>;
Structure read_structure(std::string_view value);

/// Where in the structured value a component stands.
struct Place {
  std::size_t position = 0;
  std::size_t index = 0;
};

/// What stands there; nullptr if nothing does, or an empty text.
const std::string* value_at(const Structure& structure, const Place& place);

/// Gives the object the components of an N or ADR, in the order of JSCOMPS (which is taken off the line) or in that of
/// the value (RFC 9555 2.5.5, 2.6.1, 3.3.1). Their places, in order; of separators nothing. False where the value has
/// parts that the rows don't know.
bool add_components(content::Json& object, Line& line, std::span<const ComponentRow> rows, std::vector<Place>& places);

/// Whether the value says something in an older part that what stands in the newer ones doesn't say as well.
bool has_hidden_part(std::string_view value, std::span<const ComponentRow> rows);

/// The reverse: gives the line its value, and JSCOMPS where the object is ordered. False where a component has no
/// place, or an empty value.
bool set_structure(Line& line, const content::Json& object, std::span<const ComponentRow> rows);

/// The structured value of how the components are pronounced; empty if of none it is said. RFC 9555 2.3.15
std::string phonetic_value(const content::Json& components, std::span<const ComponentRow> rows);

/// SORT-AS of N (RFC 9555 2.5.5): taken off the line where the name has components of all its kinds.
void add_sort_as(content::Json& name, Line& line);
void set_sort_as(Line& line, const content::Json& name);

}  // namespace dav::contacts::jscontact
