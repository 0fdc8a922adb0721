#include "dav/conditions_rules.h"

#include <algorithm>

#include "dav/error.h"
#include "dav/http_date.h"

namespace dav {

namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes one entity tag off the front; nothing if there is none.
std::optional<EntityTag> take_entity_tag(std::string_view& rest) {
  EntityTag tag;
  std::string_view text = rest;
  if (text.starts_with("W/")) {
    tag.weak = true;
    text.remove_prefix(2);
  }
  if (!text.starts_with('"')) return std::nullopt;
  const auto end = text.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  tag.opaque = text.substr(1, end - 1);
  rest = text.substr(end + 1);
  return tag;
}

/// RFC 9110 8.8.3.2; ours are always strong.
bool matches_strongly(const EntityTag& tag, const std::string& etag) {
  return !etag.empty() && !tag.weak && tag.opaque == etag;
}
bool matches_weakly(const EntityTag& tag, const std::string& etag) { return !etag.empty() && tag.opaque == etag; }

/// For what writes.
bool is_of_a_form(const EntityTag& tag, const std::string& etag) {
  return !etag.empty() && stored_tag(tag.opaque) == etag;
}
bool is_strong_of_a_form(const EntityTag& tag, const std::string& etag) { return !tag.weak && is_of_a_form(tag, etag); }

template <class Matches>
bool any_matches(std::string_view list, const Validators& current, Matches matches) {
  if (trim(list) == "*") return current.exists;
  const auto tags = parse_entity_tags(list);
  return current.exists &&
         std::any_of(tags.begin(), tags.end(), [&](const auto& tag) { return matches(tag, current.etag); });
}

/// A date header that can be compared: one that is a date, where there is a modification date.
std::optional<storage::Timestamp> date(const Headers& headers, std::string_view name, const Validators& current,
                                       storage::Timestamp now) {
  const auto value = headers.find(name);
  if (!value || !current.exists || !current.modified) return std::nullopt;
  return parse_http_date(trim(*value), now);
}

}  // namespace

std::string_view stored_tag(std::string_view tag) { return tag.substr(0, tag.find('-')); }

std::vector<EntityTag> parse_entity_tags(std::string_view text) {
  std::vector<EntityTag> tags;
  std::string_view rest = trim(text);
  while (!rest.empty()) {
    if (rest.front() == ',') {  // RFC 9110 5.6.1.2: empty elements are ignored
      rest = trim(rest.substr(1));
      continue;
    }
    auto tag = take_entity_tag(rest);
    rest = trim(rest);
    if (!tag || (!rest.empty() && rest.front() != ',')) {
      throw Error{condition::bad_request, "an entity tag stands in double quotes, and commas between them"};
    }
    tags.push_back(std::move(*tag));
  }
  if (tags.empty()) throw Error{condition::bad_request, "a list of entity tags is empty"};
  return tags;
}

Verdict evaluate_preconditions(const Headers& headers, bool safe, const Validators& current, storage::Timestamp now) {
  // RFC 9110 13.2.2, step 1 and 2
  if (const auto if_match = headers.joined("If-Match")) {
    const auto matches = safe ? matches_strongly : is_strong_of_a_form;
    if (!any_matches(*if_match, current, matches)) return Verdict::failed;
  } else if (const auto since = date(headers, "If-Unmodified-Since", current, now)) {
    if (*current.modified > *since) return Verdict::failed;
  }
  // Step 3 and 4
  if (const auto if_none_match = headers.joined("If-None-Match")) {
    const auto matches = safe ? matches_weakly : is_of_a_form;
    if (any_matches(*if_none_match, current, matches)) return safe ? Verdict::not_modified : Verdict::failed;
  } else if (safe) {
    const auto since = date(headers, "If-Modified-Since", current, now);
    if (since && *current.modified <= *since) return Verdict::not_modified;
  }
  return Verdict::proceed;
}

bool if_range_holds(const Headers& headers, const Validators& current, storage::Timestamp now) {
  const auto value = headers.find("If-Range");
  if (!value) return true;
  std::string_view text = trim(*value);
  if (text.substr(0, 3).find('"') != std::string_view::npos) {
    const auto tag = take_entity_tag(text);
    return tag && text.empty() && matches_strongly(*tag, current.etag);
  }
  // RFC 9110 8.8.2.2: a date is a strong validator once the second that it names is well over.
  const auto date = parse_http_date(text, now);
  return date && current.modified && *date == *current.modified && *date + 60 <= now;
}

}  // namespace dav
