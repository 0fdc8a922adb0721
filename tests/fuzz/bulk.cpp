#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dav/content/stream.h"
#include "tests/fuzz/tree.h"

namespace {

using namespace dav::content;

constexpr std::string_view book =
    "<mkcol xmlns=\"DAV:\"><set><prop><resourcetype><collection/><addressbook "
    "xmlns=\"urn:ietf:params:xml:ns:carddav\"/></resourcetype></prop></set></mkcol>";

/// What a text is taken apart into, in pieces of that many octets; empty where it can't be.
std::string taken_apart(const std::string& text, Dialect dialect, std::size_t piece) {
  std::string all;
  try {
    StreamReader reader(dialect, 1000);
    for (std::size_t at = 0; at < text.size(); at += piece) reader.add(std::string_view(text).substr(at, piece));
    const StreamIndex index = reader.finish();
    all = index.head + "|";
    for (const auto& [tzid, zone] : index.zones) all.append(tzid).append("=").append(zone).append("|");
    for (const auto& object : index.objects) {
      for (const Extent& extent : object) {
        if (extent.offset > text.size() || extent.length > text.size() - extent.offset) std::abort();
        all.append(std::to_string(extent.offset)).append("+").append(std::to_string(extent.length)).append(",");
      }
      all += ";";
    }
  } catch (const Malformed&) {
    return {};
  }
  return all;
}

}  // namespace

// A POST of many objects: by its first octet of calendar objects, of cards, or of MM:multiput. Where its pieces end
// makes no difference.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Tree& tree = fuzz::used_tree();
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const Dialect dialect = data[0] == 'v' ? Dialect::vcard : Dialect::icalendar;
  if (data[0] != 'x') {
    const std::string whole = taken_apart(text, dialect, text.size() + 1);
    for (const std::size_t piece : {1, 7, 64}) {
      if (taken_apart(text, dialect, piece) != whole) std::abort();
    }
  }
  const bool cards = data[0] == 'v';
  const std::string path = cards ? "/dav/addressbooks/ada/many/" : "/dav/calendars/ada/many/";
  tree.answer({"DELETE", path, {}, {}});
  const auto made = cards ? tree.answer({"MKCOL", path, {}, {{"Content-Type", "application/xml"}}}, book)
                          : tree.answer({"MKCALENDAR", path, {}, {}});
  if (made.status != 201) std::abort();
  const std::string type = cards ? "text/vcard" : data[0] == 'x' ? "application/xml" : "text/calendar";
  tree.answer({"POST", path, {}, {{"Content-Type", type}, {"X-MobileMe-DAV-Options", "return-changed-data"}}}, text);
  return 0;
}
