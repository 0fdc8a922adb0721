#include "dav/accept.h"

#include <algorithm>

#include "dav/headers.h"

namespace dav {

namespace {

/// RFC 9110 12.4.2, in thousandths; what is no weight counts as none.
int weight(std::string_view element) {
  const std::string text = media_parameter(element, "q");
  if (text.empty()) return 1000;
  if ((text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.')) return 0;
  int thousandths = (text[0] - '0') * 1000;
  int place = 100;
  for (std::size_t i = 2; i < text.size() && place > 0; ++i, place /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    thousandths += (text[i] - '0') * place;
  }
  return std::min(thousandths, 1000);
}

/// How specific a range is that takes the type: 3 for its name, 2 for its main type, 1 for all; 0 where it doesn't.
int specificity(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  return range.ends_with("/*") && type.starts_with(range.substr(0, range.size() - 1)) ? 2 : 0;
}

/// The weight that the field gives to a type.
int weight_of(std::string_view accept, std::string_view type) {
  int most_specific = 0, result = 0;
  while (!accept.empty()) {
    const std::string_view element = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), element.size() + 1));
    const int specific = specificity(media_type(element), type);
    if (specific == 0 || specific < most_specific) continue;
    result = specific == most_specific ? std::max(result, weight(element)) : weight(element);
    most_specific = specific;
  }
  return result;
}

}  // namespace

std::optional<std::size_t> acceptable_type(std::string_view accept, std::span<const std::string_view> types) {
  std::optional<std::size_t> best;
  int most = 0;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const int liking = weight_of(accept, types[i]);
    if (liking <= most) continue;
    most = liking;
    best = i;
  }
  return best;
}

std::optional<std::size_t> preferred_type(std::string_view accept, std::span<const std::string_view> types) {
  std::optional<std::size_t> best;
  int most = 0;
  while (!accept.empty()) {
    const std::string_view element = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), element.size() + 1));
    const auto found = std::find(types.begin(), types.end(), media_type(element));
    if (found == types.end()) continue;
    const int liking = weight(element);
    if (liking <= most) continue;
    most = liking;
    best = static_cast<std::size_t>(found - types.begin());
  }
  return best;
}

}  // namespace dav
