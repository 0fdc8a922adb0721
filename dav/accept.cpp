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

}  // namespace

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
