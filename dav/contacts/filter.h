#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dav/contacts/card.h"
#include "dav/content/collation.h"

namespace dav::contacts {

/// RFC 6352 10.5.4
struct TextMatch {
  content::Pattern pattern;
  bool negate = false;
};

/// RFC 6352 10.5.2
struct ParamFilter {
  std::string name;
  bool is_not_defined = false;
  std::optional<TextMatch> text;
};

/// How conditions are joined. RFC 6352 10.5: anyof is the default.
enum class Test { any_of, all_of };

/// RFC 6352 10.5.1. The name may have a group: `TEL` is any, `item1.TEL` exactly that one.
struct PropFilter {
  std::string name;
  bool is_not_defined = false;
  Test test = Test::any_of;
  std::vector<TextMatch> texts;
  std::vector<ParamFilter> parameters;
};

/// RFC 6352 10.5
struct Filter {
  Test test = Test::any_of;
  std::vector<PropFilter> properties;
};

/// Whether the card matches. A filter without prop-filters matches every card. Values are compared unescaped; of the
/// data of PHOTO, LOGO, SOUND and KEY that is the value as written.
bool matches(const Card& card, const Filter& filter);

/// Whether a property is the one that a name with or without a group means. RFC 6352 10.5.1
bool is_named(const content::Property& property, std::string_view name);

}  // namespace dav::contacts
