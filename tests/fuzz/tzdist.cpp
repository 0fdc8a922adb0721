#include "dav/tzdist.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dav/calendar/zone_catalog.h"
#include "dav/content/json.h"

// A path, a query and an Accept field, a line each: every request is answered, JSON is JSON, and no answer is large.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dav::calendar::ZoneCatalog catalog;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t first = std::min(text.find('\n'), text.size());
  const std::size_t second = std::min(text.find('\n', first + 1), text.size());
  dav::Request request;
  request.method = "GET";
  request.path = "/timezones" + text.substr(0, first);
  if (first < second) request.query = text.substr(first + 1, second - first - 1);
  if (second < text.size()) request.headers.add("Accept", text.substr(second + 1));
  if (!dav::tzdist::is_ours(request.path)) return 0;
  const dav::Response response = dav::tzdist::answer(request, catalog);
  if (response.status >= 500) std::abort();
  std::string body;
  for (const auto& segment : response.body) body += segment.bytes;
  if (body.size() > (std::size_t{1} << 20)) std::abort();
  const auto type = response.headers.find("Content-Type").value_or("");
  if (type.find("json") != std::string_view::npos) dav::content::parse_json(body);
  return 0;
}
