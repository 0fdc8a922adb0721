#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dav/content/json.h"
#include "dav/xml.h"
#include "web/site.h"
#include "web/text.h"

// A form or a query: whatever stands in it is text within XML, HTML and JSON, and its fields are few.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto fields = web::form_fields(text);
  if (fields.size() > 64) std::abort();
  for (const auto& [name, value] : fields) {
    const std::string escaped = web::escaped(value);
    const auto document = dav::xml::Document::parse("<a b=\"" + escaped + "\">" + escaped + "</a>");
    if (!document.root().children().empty()) std::abort();
    dav::content::parse_json(web::json_string(name));
    const auto domain = web::domain_of(value);
    if (domain && (!web::is_domain(*domain) || web::escaped(*domain) != *domain)) std::abort();
  }
  return 0;
}
