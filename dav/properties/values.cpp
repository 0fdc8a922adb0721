#include "dav/properties/values.h"

namespace dav {

void append_href(std::string& out, std::string_view href) {
  out += "<D:href>";
  xml::escape(out, href);
  out += "</D:href>";
}

std::string principal_href(std::string_view account) { return home_href(Address::Area::principals, account); }

std::string home_href(Address::Area area, std::string_view account) {
  Address address;
  address.area = area;
  address.account = account;
  return encode(address, true);
}

std::string collection_href(Address::Area area, std::string_view account, std::string_view name) {
  Address address;
  address.area = area;
  address.account = account;
  address.segments.emplace_back(name);
  return encode(address, true);
}

Target target_of(const Resource& resource) {
  Target target;
  target.address.area = resource.kind == Kind::principal ? Address::Area::principals : Address::Area::dav;
  target.kind = resource.kind;
  target.exists = true;
  target.href = resource.href;
  if (resource.account) {
    target.account = *resource.account;
    target.address.account = resource.account->name;
  }
  if (resource.collection) target.collection = *resource.collection;
  if (resource.parent) target.parent = *resource.parent;
  return target;
}

std::optional<Error> accept_any(const Context&, const Resource&, const xml::Element*) { return std::nullopt; }

std::optional<Error> accept_text(const Context&, const Resource&, const xml::Element* value) {
  if (value && !value->children().empty()) return Error{condition::conflict, "the value of this property is text"};
  return std::nullopt;
}

std::string stored_text(const Resource& resource, std::string_view ns, std::string_view name) {
  return text_in(resource.stored, ns, name).value_or("");
}

std::optional<std::string> text_in(std::span<const storage::Property> stored, std::string_view ns,
                                   std::string_view name) {
  const auto* property = find_stored(stored, ns, name);
  if (property == nullptr) return std::nullopt;
  return xml::Document::parse(property->xml).root().text();
}

storage::Property text_property(std::string_view ns, std::string_view name, std::string_view text) {
  std::string xml("<P:");
  xml.append(name).append(" xmlns:P=\"");
  xml::escape_attribute(xml, ns);
  xml += "\">";
  xml::escape(xml, text);
  xml.append("</P:").append(name).append(">");
  return {std::string(ns), std::string(name), std::move(xml)};
}

void append_sync_token(std::string& out, std::string_view epoch, storage::Id collection, storage::Modseq modseq) {
  out.append("urn:x-pileus:sync:").append(epoch).append(":");
  out.append(std::to_string(collection)).append(":").append(std::to_string(modseq));
}

}  // namespace dav
