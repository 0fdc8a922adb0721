#pragma once

#include <array>
#include <functional>
#include <span>
#include <string_view>

#include "dav/content/json.h"

namespace dav::contacts::jscontact {

/// What a value has to be. RFC 9553 1.3.2, 1.4
enum class Type {
  string,      ///< any text
  filled,      ///< a text that is not empty
  uri,         ///< RFC 3986
  geo,         ///< RFC 5870
  language,    ///< RFC 5646
  country,     ///< two letters
  date_time,   ///< UTCDateTime
  id,          ///< Id
  boolean,     ///< Boolean
  number,      ///< UnsignedInt
  preference,  ///< 1 to 100
  position,    ///< from 1
  set,         ///< String[Boolean], each of them true
  strings,     ///< String[String]
  object,      ///< an object of that type
  array,       ///< of objects of that type
  map,         ///< by Id
  text_map,    ///< by any text
  date,        ///< PartialDate|Timestamp
  patches,     ///< String[PatchObject]
  parameters,  ///< vCardParams
  properties,  ///< vCardProps
};

enum class Need { optional, mandatory };

/// A member of an object of JSContact.
struct MemberRow {
  std::string_view object;
  std::string_view name;
  Type type;
  std::string_view of = {};  ///< of objects
  Need need = Need::optional;
};

/// Of which members an object must have one.
struct ChoiceRow {
  std::string_view object;
  std::array<std::string_view, 5> members;
};
std::span<const ChoiceRow> choice_rows();

/// The row of that type none of whose members an object has; nullptr if it has what it must.
const ChoiceRow* missing_choice(const content::Json& object, std::string_view type);

/// Whether the objects in that map may have such a member; "pronouns" is the map in speakToAs.
bool objects_have(std::string_view map, std::string_view member);

/// Calls it for each member that an object of that type may have.
void for_each_member(std::string_view type, const std::function<void(const MemberRow&)>& use);

}  // namespace dav::contacts::jscontact
