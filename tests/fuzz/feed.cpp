#include "server/subscriptions/feed.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "dav/content/content_line.h"

// A published calendar, as the first octet says with what left out: it is broken, or taken apart into objects each of
// which has a name of its own, and is by itself a feed of just that object.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_octets = std::size_t{1} << 20;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const server::FeedOptions options{(data[0] & 1) != 0, (data[0] & 2) != 0, (data[0] & 4) != 0};
  try {
    const server::Feed feed = server::read_feed(text, options, most_octets);
    if (feed.period.count() < 0) std::abort();
    std::set<std::string> names;
    std::size_t octets = 0;
    for (const server::FeedObject& object : feed.objects) {
      octets += object.bytes.size();
      if (!names.insert(object.name).second || object.name.size() > 255) std::abort();
      if (object.name.find('/') != std::string::npos || object.name.starts_with('.')) std::abort();
      const server::Feed again = server::read_feed(object.bytes, options, most_octets);
      if (again.objects.size() != 1 || again.objects[0].name != object.name) std::abort();
      if (again.objects[0].bytes != object.bytes) std::abort();
      const std::string bare = server::without_stamps(object.bytes);
      if (server::without_stamps(bare) != bare) std::abort();
    }
    if (octets > most_octets) std::abort();
  } catch (const server::BrokenFeed&) {
  }
  return 0;
}
