#include "dav/multiput.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "dav/access.h"
#include "dav/conditions.h"
#include "dav/error.h"
#include "dav/groups.h"
#include "dav/headers.h"
#include "dav/methods/body.h"
#include "dav/methods/incoming.h"
#include "dav/multistatus.h"
#include "dav/property_update.h"
#include "dav/xml.h"
#include "storage/failure.h"

namespace dav {

namespace {

constexpr std::size_t batch_size = 100;

/// One MM:resource: what is to be done. The elements belong to the request's document.
struct Operation {
  enum class What { create, update, remove };
  What what = What::create;
  std::string href;                     ///< as sent; empty for what is to be created
  std::optional<std::string> if_match;  /// as sent
  const xml::Element* data = nullptr;   ///< CALDAV:calendar-data or CARDDAV:address-data
  std::vector<PropertyInstruction> properties;

  /// Only a transaction of its own can take an object back whose properties are then refused.
  bool alone() const { return what == What::create && !properties.empty(); }
};

}  // namespace

struct Multiput {
  xml::Document document;
  Kind kind = Kind::calendar_object;
  bool return_changed_data = false;
  std::vector<Operation> operations;
};

namespace {

bool is_data(const xml::Element& element) {
  return element.is(condition::CALDAV, "calendar-data") || element.is(condition::CARDDAV, "address-data");
}

// calendarserver-bulk-change 7.2
Operation read_operation(const xml::Element& resource) {
  Operation operation;
  const xml::Element* href = resource.child(condition::DAV, "href");
  if (href != nullptr) operation.href = href->text();
  if (const xml::Element* match = resource.child(MM, "if-match")) {
    const xml::Element* tag = match->child(condition::DAV, "getetag");
    if (tag == nullptr) throw Error{condition::bad_request, "MM:if-match holds a DAV:getetag"};
    operation.if_match = tag->text();
  }
  operation.properties = read_instructions(resource);
  std::erase_if(operation.properties, [&](const PropertyInstruction& instruction) {
    if (instruction.remove || !is_data(*instruction.element)) return false;
    operation.data = instruction.element;
    return true;
  });
  using What = Operation::What;
  operation.what = resource.child(MM, "delete") != nullptr ? What::remove
                   : href != nullptr                       ? What::update
                                                           : What::create;
  const bool changes = operation.data != nullptr || !operation.properties.empty();
  const bool fits = operation.what == What::remove   ? href != nullptr && !changes
                    : operation.what == What::update ? !operation.href.empty() && changes
                                                     : operation.data != nullptr;
  if (!fits)
    throw Error{condition::bad_request, "MM:resource holds what to create, to change or to remove, not others"};
  return operation;
}

/// The text of an object. XML makes one character of each line end (XML 1.0 2.11); here they are what they were.
std::string lines_of(const xml::Element& data) {
  const std::string text = data.text();
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out += "\r\n";
}

/// One resource, and what became of it.
struct Item {
  const Operation* operation = nullptr;
  std::shared_ptr<const Incoming> incoming;
  std::optional<Error> unreadable;
  std::string uid;

  struct Outcome : KeptInBulk {
    std::optional<Error> error;              ///< why nothing has been done
    std::vector<PropertyResult> properties;  ///< the same, where properties are refused
  };
  Outcome outcome;
};

/// Thrown to end a transaction without effect.
struct PropertiesRefused {};

Item prepare(const Operation& operation, Kind kind, const Environment& environment) {
  Item item;
  item.operation = &operation;
  if (operation.data == nullptr) return item;
  const std::string text = lines_of(*operation.data);
  try {
    const std::string_view type = operation.data->attribute("content-type");
    const storage::Spool content(text, environment.store.spool_directory());
    item.incoming = read_incoming(kind, type, "", content, environment);
    item.uid = item.incoming->facts.uid;
  } catch (const Error& error) {
    item.unreadable = error;
    item.uid = uid_in(text);
  }
  return item;
}

class Doing {
 public:
  Doing(Context& context, const Multiput& multiput)
      : context_(context), multiput_(multiput), collection_(*context.target.collection) {}

  /// The transaction may run more than once: what an earlier run found out doesn't count.
  void run(Item& item) {
    item.outcome = {};
    item.outcome.error = item.unreadable;
    if (item.unreadable) return;
    try {
      switch (item.operation->what) {
        case Operation::What::create:
          return create(item);
        case Operation::What::update:
          return update(item);
        case Operation::What::remove:
          return remove(item);
      }
    } catch (const Error& error) {
      item.outcome.error = error;
    }
  }

 private:
  // calendarserver-bulk-change 4.1
  void create(Item& item) {
    check_incoming(context_, *item.incoming, {collection_, context_.target.href});
    const std::string name = free_name(context_, item.uid, multiput_.kind);
    put(item, name, nullptr);
    encode_segment(item.outcome.href = context_.target.href, name);
    if (item.operation->properties.empty()) return;
    Address address = context_.target.address;
    address.segments.push_back(name);
    const Target made = resolve(context_.transaction, address);
    if (!set_properties(item, made)) throw PropertiesRefused{};
  }

  // calendarserver-bulk-change 4.2
  void update(Item& item) {
    const Target there = find(*item.operation);
    if (item.incoming) permit(context_.transaction, context_.principal, there, Privilege::write_content);
    if (!item.operation->properties.empty()) {
      permit(context_.transaction, context_.principal, there, Privilege::write_properties);
    }
    check_locks(context_, there, false);
    if (item.incoming) check_incoming(context_, *item.incoming, {collection_, context_.target.href, &*there.member});
    if (!item.operation->properties.empty() && !set_properties(item, there)) return;
    item.outcome.href = there.href;
    item.outcome.etag = there.member->etag;
    if (item.incoming) put(item, there.name, &*there.member);
  }

  // calendarserver-bulk-change 4.3
  void remove(Item& item) {
    const Target there = find(*item.operation);
    permit(context_.transaction, context_.principal, there, Privilege::unbind);
    check_parent_locks(context_, there);
    check_locks(context_, there, true);
    remove_followed(context_, collection_, *there.member);
    item.outcome.href = there.href;
  }

  Target find(const Operation& operation) const {
    const auto address = parse_reference(operation.href, context_.request.authority);
    const auto& segments = context_.target.address.segments;
    const bool here = address && address->area == context_.target.address.area &&
                      address->account == context_.target.address.account &&
                      address->segments.size() == segments.size() + 1 &&
                      std::equal(segments.begin(), segments.end(), address->segments.begin());
    if (!here) throw Error{condition::forbidden, "it is not in this collection"};
    Target there = resolve(context_.transaction, *address);
    if (!there.exists || !there.member) throw Error{condition::not_found, "there is no such resource"};
    if (operation.if_match && *operation.if_match != '"' + there.member->etag + '"') {
      throw Error{condition::precondition_failed, "it has been changed"};
    }
    return there;
  }

  bool set_properties(Item& item, const Target& there) {
    PropertyUpdate update = apply_properties(context_, resource_at(there), item.operation->properties);
    if (update.done) return true;
    item.outcome.properties = std::move(update.results);
    if (const xml::Element* data = item.operation->data) {
      item.outcome.properties.push_back(
          {std::string(data->ns), data->name, condition::failed_dependency.status, std::nullopt});
    }
    return false;
  }

  void put(Item& item, const std::string& name, const storage::Member* replaced) {
    const Kept kept = keep_followed(context_, *item.incoming, collection_, name, replaced);
    item.outcome.etag = kept.as_sent || multiput_.return_changed_data ? kept.member.etag : "";
    if (!kept.as_sent && multiput_.return_changed_data) {
      item.outcome.changed_data = context_.transaction.bytes(kept.member);
    }
  }

  Context& context_;
  const Multiput& multiput_;
  const storage::Collection& collection_;
};

/// Does these at once; where that would go over the quota, one after the other as far as it goes. Throws what ends all.
void run_batch(std::span<Item> items, const Multiput& multiput, bool& first, const RunBatch& run) {
  try {
    run(first, [&](Context& context) {
      Doing doing(context, multiput);
      for (Item& item : items) doing.run(item);
    });
    first = false;
  } catch (const PropertiesRefused&) {
    return;  // of the only one
  } catch (const storage::QuotaExceeded& exceeded) {
    if (items.size() == 1) {
      items.front().outcome = {};
      items.front().outcome.error = Error{condition::quota_not_exceeded, exceeded.what()};
      return;
    }
    for (Item& item : items) run_batch({&item, 1}, multiput, first, run);
  } catch (...) {
    for (Item& item : items) item.outcome = {};
    throw;
  }
}

void append_done(Multistatus& answer, const Item& item, Kind kind) {
  if (item.operation->what == Operation::What::remove) return answer.add_status(item.outcome.href, 200);
  const bool create = item.operation->what == Operation::What::create;
  append_kept(answer, kind, item.outcome, create ? &item.uid : nullptr);
}

void append_refused_properties(Multistatus& answer, const Item& item) {
  const bool create = item.operation->what == Operation::What::create;
  answer.begin_response(create ? std::string_view() : item.operation->href);
  append_propstats(item.outcome.properties, answer.out());
  if (create) {
    answer.out() += "<D:error><CS:uid>";
    xml::escape(answer.out(), item.uid);
    answer.out() += "</CS:uid></D:error>";
  }
  answer.end_response();
}

void append_item(Multistatus& answer, const Item& item, Kind kind) {
  if (!item.outcome.properties.empty()) return append_refused_properties(answer, item);
  if (!item.outcome.error) return append_done(answer, item, kind);
  if (item.operation->what == Operation::What::create) return append_refusal(answer, *item.outcome.error, item.uid);
  answer.add_status(item.operation->href, item.outcome.error->status(), &*item.outcome.error);
}

}  // namespace

std::int64_t most_multiput_octets(const Settings& settings) {
  return std::min(settings.max_xml_size, settings.max_bulk_size);
}

std::shared_ptr<const Multiput> read_multiput(const Request& request, const Environment& environment) {
  const std::string type = media_type(request.headers.find("Content-Type").value_or(""));
  if (type != "application/xml" && type != "text/xml") return nullptr;
  xml::Document document = parse_body(request, environment);
  if (!document.root().is(MM, "multiput")) return nullptr;
  auto multiput = std::make_shared<Multiput>(Multiput{std::move(document), bulk_kind(request), false, {}});
  for (const xml::Element* child : multiput->document.root().children()) {
    if (!child->is(MM, "resource")) continue;
    multiput->operations.push_back(read_operation(*child));
    if (multiput->operations.size() > most_multiput_resources) {
      throw Error{condition::content_too_large,
                  "at most " + std::to_string(most_multiput_resources) + " resources in one request"};
    }
  }
  if (multiput->operations.empty()) throw Error{condition::bad_request, "no MM:resource is named"};
  multiput->return_changed_data = wants_changed_data(request);
  return multiput;
}

Response do_multiput(const Request&, const Environment& environment, const Multiput& multiput, const RunBatch& run) {
  Multistatus answer(environment.store.spool_directory());
  bool first = true;
  std::optional<Error> ended;
  const auto& operations = multiput.operations;
  for (std::size_t at = 0; at < operations.size();) {
    std::vector<Item> items;
    do {
      items.push_back(prepare(operations[at++], multiput.kind, environment));
    } while (at < operations.size() && items.size() < batch_size && !operations[at].alone() &&
             !items.back().operation->alone());
    if (!ended) ended = what_ends(first, [&] { run_batch(items, multiput, first, run); });
    for (Item& item : items) {
      if (ended && item.outcome.href.empty() && !item.outcome.error && item.outcome.properties.empty()) {
        item.outcome.error = ended;
      }
      append_item(answer, item, multiput.kind);
    }
  }
  return answer.finish();
}

}  // namespace dav
