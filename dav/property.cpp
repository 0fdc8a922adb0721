#include "dav/property.h"

#include <algorithm>
#include <unordered_map>

#include "dav/properties/tables.h"

namespace dav {

namespace {

/// All rows by name and by kind. Made once.
class Registry {
 public:
  Registry() {
    for (const auto& table : property_tables()) {
      for (const auto& row : table) add(row);
    }
  }

  const PropertyRow* find(std::string_view ns, std::string_view name, Kind kind) const {
    const auto [first, last] = by_name_.equal_range(name);
    for (auto entry = first; entry != last; ++entry) {
      if (entry->second->ns == ns && entry->second->on.has(kind)) return entry->second;
    }
    return nullptr;
  }

  std::span<const PropertyRow* const> on(Kind kind) const { return by_kind_[static_cast<std::size_t>(kind)]; }

 private:
  void add(const PropertyRow& row) {
    by_name_.emplace(row.name, &row);
    for (std::size_t kind = 0; kind < by_kind_.size(); ++kind) {
      if (row.on.has(static_cast<Kind>(kind))) by_kind_[kind].push_back(&row);
    }
  }

  std::unordered_multimap<std::string_view, const PropertyRow*> by_name_;
  std::array<std::vector<const PropertyRow*>, static_cast<std::size_t>(Kind::count_)> by_kind_;
};

const Registry& registry() {
  static const Registry all;
  return all;
}

/// More than any client asks for; less than what makes an answer grow out of proportion: names that no resource has are
/// said again for every member.
constexpr std::size_t most_names = 256;
constexpr std::size_t most_octets_of_names = 16 * 1024;

std::vector<PropertyName> names_in(const xml::Element& element) {
  std::vector<PropertyName> names;
  std::size_t octets = 0;
  for (const auto* child : element.children()) {
    octets += child->ns.size() + child->name.size();
    const auto same = [&](const PropertyName& known) { return known.name == child->name && known.ns == child->ns; };
    if (std::none_of(names.begin(), names.end(), same)) names.push_back({std::string(child->ns), child->name});
    if (names.size() > most_names || octets > most_octets_of_names)
      throw Error{condition::bad_request, "too many properties are asked for"};
  }
  return names;
}

bool is_data(const PropertyRow& row) { return row.name == "calendar-data" || row.name == "address-data"; }

}  // namespace

const PropertyRow* find_property(std::string_view ns, std::string_view name, Kind kind) {
  return registry().find(ns, name, kind);
}

std::span<const PropertyRow* const> properties_on(Kind kind) { return registry().on(kind); }

const storage::Property* find_stored(const Resource& resource, std::string_view ns, std::string_view name) {
  return find_stored(resource.stored, ns, name);
}

const storage::Property* find_stored(std::span<const storage::Property> stored, std::string_view ns,
                                     std::string_view name) {
  for (const auto& property : stored) {
    if (property.name == name && property.ns == ns) return &property;
  }
  return nullptr;
}

Resource resource_at(const Target& target) {
  Resource resource;
  resource.kind = target.kind;
  resource.href = target.href;
  if (target.account) resource.account = &*target.account;
  if (target.collection) resource.collection = &*target.collection;
  if (target.parent) resource.parent = &*target.parent;
  if (target.member) resource.member = &*target.member;
  return resource;
}

std::optional<PropertyRequest> read_property_request(const xml::Element& element) {
  std::optional<PropertyRequest> request;
  const xml::Element* include = nullptr;
  for (const auto* child : element.children()) {
    if (child->is("DAV:", "include")) include = child;
    const bool named = child->is("DAV:", "prop"), all = child->is("DAV:", "allprop"),
               only = child->is("DAV:", "propname");
    if (!named && !all && !only) continue;
    if (request) throw Error{condition::bad_request, "DAV:prop, DAV:allprop and DAV:propname exclude each other"};
    request.emplace();
    request->what = named ? PropertyRequest::What::named
                    : all ? PropertyRequest::What::all
                          : PropertyRequest::What::names_only;
    if (named) request->names = names_in(*child);
  }
  if (include && request && request->what == PropertyRequest::What::all) request->names = names_in(*include);
  return request;
}

PropertyWriter::PropertyWriter(PropertyRequest request, bool minimal)
    : request_(std::move(request)), minimal_(minimal) {}

PropertyWriter::Plan& PropertyWriter::plan(Kind kind) {
  auto& known = plans_[static_cast<std::size_t>(kind)];
  if (!known) known = std::make_unique<Plan>(make_plan(kind));
  return *known;
}

PropertyWriter::Plan PropertyWriter::make_plan(Kind kind) const {
  Plan made;
  const auto add = [&](const PropertyRow* row, std::string_view ns, std::string_view name, bool named) {
    Item item{row, ns, name, named, {}, {}, {}};
    xml::open_tag(item.open, ns, name);
    xml::close_tag(item.close, ns, name);
    xml::empty_tag(item.empty, ns, name);
    made.items.push_back(std::move(item));
    made.stored = made.stored || !row || row->write;
    made.bytes = made.bytes || (row && is_data(*row) && request_.what != PropertyRequest::What::names_only);
  };
  if (request_.what != PropertyRequest::What::named) {
    made.every_dead = made.stored = true;
    for (const auto* row : properties_on(kind)) {
      if (row->allprop || request_.what == PropertyRequest::What::names_only) add(row, row->ns, row->name, false);
    }
  }
  for (const auto& [ns, name] : request_.names) {
    const auto same = [&, &ns = ns, &name = name](const Item& item) { return item.name == name && item.ns == ns; };
    if (std::none_of(made.items.begin(), made.items.end(), same)) add(find_property(ns, name, kind), ns, name, true);
  }
  return made;
}

bool PropertyWriter::append_value(const Context& context, const Resource& resource, const Item& item,
                                  std::string& out) {
  const bool only_name = request_.what == PropertyRequest::What::names_only;
  if (!item.row || item.row->write) {
    if (const auto* stored = find_stored(resource, item.ns, item.name)) {
      out += only_name ? item.empty : stored->xml;
      return true;
    }
  }
  if (!item.row || !item.row->read) return false;
  const auto start = out.size();
  out += item.open;
  const auto content = out.size();
  if (!item.row->read(context, resource, out)) {
    out.resize(start);
    return false;
  }
  if (only_name || out.size() == content) {
    out.resize(start);
    out += item.empty;
  } else {
    out += item.close;
  }
  return true;
}

void PropertyWriter::append_dead(const Resource& resource, const Plan& plan, std::string& out) {
  for (const auto& stored : resource.stored) {
    if (find_property(stored.ns, stored.name, resource.kind)) continue;
    const auto same = [&](const Item& item) { return item.name == stored.name && item.ns == stored.ns; };
    if (std::any_of(plan.items.begin(), plan.items.end(), same)) continue;
    if (request_.what == PropertyRequest::What::names_only) {
      xml::empty_tag(out, stored.ns, stored.name);
    } else {
      out += stored.xml;
    }
  }
}

void PropertyWriter::write_propstats(const Context& context, const Resource& resource, Multistatus& answer) {
  const auto& plan = this->plan(resource.kind);
  auto& out = answer.out();
  const auto start = out.size();
  out += "<D:propstat><D:prop>";
  const auto content = out.size();
  missing_.clear();
  for (const auto& item : plan.items) {
    if (!append_value(context, resource, item, out) && !minimal_ && item.named) missing_ += item.empty;
  }
  if (plan.every_dead) append_dead(resource, plan, out);
  // Clients that read the first DAV:propstat only must find what is there. RFC 8144 2.1: an empty one stands for
  // nothing.
  if (out.size() > content || missing_.empty()) {
    out += "</D:prop>";
    answer.end_propstat(200);
  } else {
    out.resize(start);
  }
  if (missing_.empty()) return;
  out.append("<D:propstat><D:prop>").append(missing_).append("</D:prop>");
  answer.end_propstat(404);
}

void PropertyWriter::write(const Context& context, const Resource& resource, Multistatus& answer) {
  answer.begin_response(resource.href);
  write_propstats(context, resource, answer);
  answer.end_response();
}

}  // namespace dav
