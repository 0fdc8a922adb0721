#include "dav/content/selection.h"

#include "dav/content/text.h"

namespace dav::content {

void append_without_value(std::string& out, const Property& property) {
  // The line's views lie in one unfolded text, from the group to the value.
  const char* first = property.group.empty() ? property.name.data() : property.group.data();
  append_folded(out, {first, static_cast<std::size_t>(property.value.data() - first)});
}

}  // namespace dav::content
