#include <algorithm>
#include <optional>
#include <sstream>

#include "dav/error.h"
#include "dav/xml.h"
#include "tests/transcripts/transcript.h"

namespace transcripts {

namespace {

using dav::xml::Element;

std::string prefixed(std::string_view ns, const std::string& name) {
  if (ns.empty()) return name;
  const std::pair<std::string_view, const char*> known[] = {{"DAV:", "D:"},
                                                            {"urn:ietf:params:xml:ns:caldav", "C:"},
                                                            {"urn:ietf:params:xml:ns:carddav", "A:"},
                                                            {"http://calendarserver.org/ns/", "CS:"},
                                                            {"http://apple.com/ns/ical/", "ICAL:"}};
  for (const auto& [name_space, prefix] : known) {
    if (name_space == ns) return prefix + name;
  }
  return "X:" + name;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

/// The content of an element in one form: known prefixes, no declarations, no white space between elements.
std::string content_of(const Element& element) {
  std::string out;
  for (const auto& node : element.nodes) {
    if (const auto* text = std::get_if<std::string>(&node)) {
      if (element.nodes.size() == 1 || !is_blank(*text)) out += *text;
      continue;
    }
    const auto& child = *std::get<std::unique_ptr<Element>>(node);
    const auto tag = prefixed(child.ns, child.name);
    out += "<" + tag;
    for (const auto& attribute : child.attributes) out += " " + attribute.name + "=\"" + attribute.value + "\"";
    const auto content = content_of(child);
    out += content.empty() ? "/>" : ">" + content + "</" + tag + ">";
  }
  std::erase(out, '\r');
  return out;
}

int status_of(const Element& element) {
  const auto* status = element.child("DAV:", "status");
  const auto text = status ? status->text() : std::string();
  return text.size() > 12 ? std::stoi(text.substr(9, 3)) : 0;
}

const Element* response_for(const Element& root, const std::string& href) {
  for (const auto* response : root.children()) {
    if (!response->is("DAV:", "response")) continue;
    for (const auto* child : response->children()) {
      if (child->is("DAV:", "href") && child->text() == href) return response;
    }
  }
  return nullptr;
}

/// The property's element with the status that it was answered with.
std::pair<const Element*, int> property_in(const Element& response, const std::string& name) {
  for (const auto* propstat : response.children()) {
    const auto* prop = propstat->is("DAV:", "propstat") ? propstat->child("DAV:", "prop") : nullptr;
    if (!prop) continue;
    for (const auto* property : prop->children()) {
      if (prefixed(property->ns, property->name) == name) return {property, status_of(*propstat)};
    }
  }
  return {nullptr, 0};
}

std::string check_property(const Element& response, int status, const std::string& name,
                           const std::optional<std::string>& value, Captures& captures) {
  const auto [property, answered] = property_in(response, name);
  if (!property) return "the response has no property " + name;
  if (answered != status) return "the property has the status " + std::to_string(answered);
  if (!value) return {};
  const auto content = content_of(*property);
  return matches(*value, content, captures) ? "" : "the content is: " + content;
}

}  // namespace

std::string check_response(std::string_view expectation, const std::string& body, Captures& captures) {
  std::istringstream words{std::string(expectation)};
  std::string href, status, name, equals, value;
  words >> href >> status >> name >> equals;
  std::getline(words >> std::ws, value, '\0');
  std::optional<dav::xml::Document> document;
  try {
    document = dav::xml::Document::parse(body);
  } catch (const dav::Error& error) {
    return "the body can't be read: " + error.reason();
  }
  const auto* response = response_for(document->root(), substitute(href, captures));
  if (status == "absent") {
    if (name.empty()) return response ? "there is a response" : "";
    if (!response) return "there is no response for it";
    return property_in(*response, name).first ? "the property is there" : "";
  }
  if (!response) return "there is no response for it";
  const int wanted = std::stoi(status);
  if (name.empty()) {
    const int answered = status_of(*response);
    return answered == wanted ? "" : "the response has the status " + std::to_string(answered);
  }
  return check_property(*response, wanted, name, equals == "=" ? std::optional(value) : std::nullopt, captures);
}

std::string check_count(std::string_view expectation, const std::string& body) {
  try {
    const auto document = dav::xml::Document::parse(body);
    const auto children = document.root().children();
    const auto count = std::count_if(children.begin(), children.end(),
                                     [](const Element* child) { return child->is("DAV:", "response"); });
    return count == std::stol(std::string(expectation)) ? "" : "there are " + std::to_string(count) + " responses";
  } catch (const dav::Error& error) {
    return "the body can't be read: " + error.reason();
  }
}

}  // namespace transcripts
