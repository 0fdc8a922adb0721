#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dav {

/// One condition of the If header (RFC 4918 10.4.2): a state token, or an entity tag.
struct IfCondition {
  bool negated = false;
  bool is_etag = false;
  std::string value;  ///< the token's URI, or what stands between the quotes of a strong entity tag
  bool weak = false;

  bool operator==(const IfCondition&) const = default;
};

/// Conditions that must all hold, of one resource.
struct IfList {
  std::optional<std::string> resource;  ///< the Resource-Tag; nothing for the resource of the request itself
  std::vector<IfCondition> conditions;

  bool operator==(const IfList&) const = default;
};

/// What a condition is compared with.
struct IfState {
  std::vector<std::string> tokens;  ///< of the locks in whose scope the resource is; a collection's sync token
  std::string etag;                 ///< empty where there is none
};

/// Reads the header: lists without tags, or lists behind tags, not both. Throws Error{bad_request}.
std::vector<IfList> parse_if(std::string_view text);

/// RFC 4918 10.4.3: whether one of the lists holds. `state_of` is asked for each resource that is named.
bool evaluate_if(const std::vector<IfList>& lists,
                 const std::function<IfState(const std::optional<std::string>&)>& state_of);

/// All state tokens that the header mentions: they have been submitted (RFC 4918 10.4.1).
std::vector<std::string> submitted_tokens(const std::vector<IfList>& lists);

}  // namespace dav
