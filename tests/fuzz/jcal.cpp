#include "dav/calendar/jcal.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dav/contacts/jcard.h"

namespace {

using namespace dav::content;

/// Content lines as JSON, and that as content lines.
std::string once_round(const std::string& lines) {
  const auto document = Document::parse(lines, Dialect::icalendar);
  return dav::calendar::from_jcal(dav::calendar::to_jcal(document.components().front()));
}

/// What has gone round once stays as it is from then on: nothing gets lost, however odd.
void go_round(const std::string& lines) {
  const std::string once = once_round(lines);
  if (once_round(once) != once) std::abort();
}

}  // namespace

// JSON or content lines: of JSON that is taken come content lines, and of those the same calendar as JSON again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  bool is_tree = true;
  try {
    Document::parse(text, Dialect::icalendar);
  } catch (const Malformed&) {
    is_tree = false;
  }
  if (is_tree) go_round(text);
  try {
    go_round(dav::calendar::from_jcal(text));
  } catch (const MalformedJson&) {
  }
  try {
    const auto document = Document::parse(dav::contacts::from_jcard(text), Dialect::vcard);
    parse_json(dav::contacts::to_jcard(document.components().front()));
  } catch (const MalformedJson&) {
  } catch (const Malformed&) {
    // A line that ends in '=' goes on in the next one, where it says that it is quoted-printable.
  }
  return 0;
}
