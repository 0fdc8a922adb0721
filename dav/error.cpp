#include "dav/error.h"

#include "dav/xml.h"

namespace dav {

namespace {

void append_href(std::string& out, std::string_view href) {
  out += "<D:href>";
  xml::escape(out, href);
  out += "</D:href>";
}

void append_content(std::string& out, const Error& error) {
  // RFC 3744 7.1.1: each refused resource is named with the privilege that was missing.
  const bool privileges = error.condition().element == condition::need_privileges.element;
  for (const auto& href : error.hrefs()) {
    if (privileges) out += "<D:resource>";
    append_href(out, href);
    if (privileges) out.append(error.detail()).append("</D:resource>");
  }
  if (!privileges) out += error.detail();
}

}  // namespace

std::string condition_xml(const Error& error) {
  const auto& [ns, element, status, rfc] = error.condition();
  if (element.empty()) return {};
  std::string content;
  append_content(content, error);
  std::string out;
  if (content.empty()) {
    xml::empty_tag(out, ns, element);
  } else {
    xml::open_tag(out, ns, element);
    out += content;
    xml::close_tag(out, ns, element);
  }
  return out;
}

std::string error_xml(const Error& error) {
  const auto condition = condition_xml(error);
  if (condition.empty()) return {};
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error ";
  out.append(xml::root_namespaces).append(">").append(condition);
  // What a person can act on. RFC 4918 14.5: elements that a client doesn't know are ignored by it.
  if (!error.reason().empty()) {
    out += "<P:message xmlns:P=\"urn:x-pileus:error\">";
    xml::escape(out, error.reason());
    out += "</P:message>";
  }
  out += "</D:error>\n";
  return out;
}

}  // namespace dav
