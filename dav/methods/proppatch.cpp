#include <algorithm>

#include "dav/dispatch.h"
#include "dav/groups.h"
#include "dav/headers.h"
#include "dav/methods/body.h"
#include "dav/methods/methods.h"
#include "dav/property_update.h"
#include "dav/subscribed.h"

namespace dav {

namespace {

struct Update {
  xml::Document document;
  std::vector<PropertyInstruction> instructions;
  Preferences preferences;
};

std::shared_ptr<const Update> parse(const Request& request, const Environment& environment) {
  auto update = std::make_shared<Update>(Update{parse_body(request, environment), {}, preferences(request.headers)});
  const auto& root = update->document.root();
  if (!root.is(condition::DAV, "propertyupdate"))
    throw Error{condition::bad_request, "the body is a DAV:propertyupdate"};
  update->instructions = read_instructions(root);
  if (update->instructions.empty()) throw Error{condition::bad_request, "no property is named"};
  return update;
}

Response answer(const Update& update, Context& context) {
  if (!context.target.exists) throw Error{condition::not_found};
  const auto done = apply_properties(context, resource_at(context.target), update.instructions);
  if (done.changed && context.target.collection) {
    const auto any = [&](const auto& holds) { return std::ranges::any_of(update.instructions, holds); };
    if (any([](const PropertyInstruction& instruction) { return instruction.element->is(PILEUS, "group-mode"); })) {
      join_groups(context, *context.target.collection);
    }
    if (any([](const PropertyInstruction& instruction) {
          return concerns_fetching(instruction.element->ns, instruction.element->name);
        })) {
      fetch_again(context.transaction, *context.target.collection);
    }
  }

  Response response;
  if (done.done && update.preferences.minimal) {
    response.status = 204;  // RFC 8144 2.2
  } else {
    Multistatus answer(context.environment.store.spool_directory());
    answer.begin_response(context.target.href);
    append_propstats(done.results, answer.out());
    answer.end_response();
    response = answer.finish();
  }
  apply_preferences(update.preferences, done.done, false, response.headers);
  return response;
}

}  // namespace

// The document is shared, since an Action is copied and may run more than once.
Action prepare_proppatch(const Request& request, const Environment& environment) {
  return [update = parse(request, environment)](Context& context) { return answer(*update, context); };
}

}  // namespace dav
