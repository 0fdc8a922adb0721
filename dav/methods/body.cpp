#include "dav/methods/body.h"

namespace dav {

xml::Document parse_body(const Request& request, const Environment& environment) {
  xml::Limits limits;
  limits.depth = environment.settings.max_xml_depth;
  limits.size = static_cast<std::size_t>(environment.settings.max_xml_size);
  if (request.body.in_memory()) return xml::Document::parse(request.body.bytes(), limits);
  return xml::Document::parse(request.body.text(), limits);
}

}  // namespace dav
