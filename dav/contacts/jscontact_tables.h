#pragma once

#include <span>
#include <string_view>

#include "dav/contacts/line.h"

namespace dav::contacts::jscontact {

/// What the value of a property is: text, a URI, either of them, or a language tag.
enum class ValueType { text, uri, text_or_uri, language };

/// A vCard property that converts to one object in a map of the Card. RFC 9555 2.4 to 2.13
struct PropertyRow {
  std::string_view name;
  std::string_view member;  ///< of the Card: the map; "pronouns" stands in speakToAs
  std::string_view kind;    ///< of the object; empty for none
  std::string_view value;   ///< the object's member for the property's value
  ValueType type;
  std::string_view id;  ///< what ids begin with where there is no PROP-ID
};

/// nullptr if no property of that name converts so.
const PropertyRow* find_property(std::string_view name);

/// The row for an object of that map and kind; nullptr if there is none.
const PropertyRow* find_property(std::string_view member, std::string_view kind);

/// How the value of a parameter stands in the object.
enum class ParameterType { plain, preference, position, date_time, level, label, geo, country, author };

/// A parameter that converts to a member of the object. RFC 9555 2.3
struct ParameterRow {
  std::string_view parameter;
  std::string_view member;
  ParameterType type;
};

std::span<const ParameterRow> parameter_rows();

/// Whether it converts so for the objects of that map: those that have the member.
bool applies(const ParameterRow& row, std::string_view map);

/// A TYPE that converts to a member of contexts or features. RFC 9555 2.3.22, 2.6.1, 2.7.6
struct TypeRow {
  std::string_view type;
  std::string_view member;
  std::string_view key;
  std::string_view map = {};  ///< the only one of which it does; empty for all whose objects have the member
};

std::span<const TypeRow> type_rows();

/// Whether it converts so for the objects of that map.
bool applies(const TypeRow& row, std::string_view map);

/// Whether the objects of this map have a label. RFC 9553 1.5.2
bool has_label(std::string_view map);

/// A component of N or ADR, at its position. RFC 9555 2.5.5, 2.6.1
struct ComponentRow {
  std::string_view kind;
  int also = -1;  ///< the older position in which the value stands as well, for old readers
};

std::span<const ComponentRow> name_rows();
std::span<const ComponentRow> address_rows();

/// Those of N or of ADR.
std::span<const ComponentRow> component_rows(const Line& line);

}  // namespace dav::contacts::jscontact
