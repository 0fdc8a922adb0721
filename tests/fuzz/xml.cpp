#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dav/error.h"
#include "dav/xml.h"

/// Whatever is accepted can be written and read again, and then is written the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dav::xml::Document;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto document = Document::parse(text);
    for (const auto* element : document.root().children()) {
      const auto written = dav::xml::serialize(*element);
      const auto again = Document::parse(written);
      if (again.root().name != element->name || again.root().ns != element->ns) std::abort();
      if (again.root().whole_text() != element->whole_text() || again.root().lang != element->lang) std::abort();
      if (dav::xml::serialize(again.root()) != written) std::abort();
    }
  } catch (const dav::Error& error) {
    if (error.reason().empty()) std::abort();
  }
  std::string escaped = "<a b=\"";
  dav::xml::escape_attribute(escaped, text);
  escaped += "\">";
  dav::xml::escape(escaped, text);
  escaped += "</a>";
  dav::xml::Limits limits;
  limits.size = escaped.size();
  try {
    Document::parse(escaped, limits);
  } catch (const dav::Error& error) {
    // Only a tag that is too long may be refused: nothing can be escaped so that it doesn't fit.
    if (error.reason().find("16 KiB") == std::string::npos) std::abort();
  }
  return 0;
}
