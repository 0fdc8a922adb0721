#include <utility>
#include <variant>

#include "dav/conditions_rules.h"
#include "dav/contacts/photo.h"
#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/feed.h"
#include "dav/form.h"
#include "dav/methods/methods.h"
#include "dav/methods/representation.h"
#include "dav/pages.h"
#include "dav/photo_maker.h"
#include "dav/photos.h"
#include "dav/ranges.h"

namespace dav {

namespace {

/// RFC 9110 13.2.2, step 5, and 14.2: "A server MUST ignore a Range header field received with a request method that is
/// unrecognized or for which range handling is not defined", which HEAD is.
void apply_range(Context& context, const storage::Member& member, Response& response) {
  const auto range = context.request.headers.find("Range");
  if (!range || context.request.method != "GET") return;
  const Validators current{true, tag_given(context, member), member.modified};
  if (!if_range_holds(context.request.headers, current, context.now)) return;
  std::uint64_t size = 0;
  for (const auto& segment : response.body) size += segment.size();
  const RangeRequest asked = parse_range(*range, size);
  if (asked.outcome == RangeOutcome::unsatisfiable) {
    // RFC 9110 15.5.17
    response = refuse(Error{condition::range_not_satisfiable, "nothing there of what Range asks for"});
    response.headers.set("Content-Range", "bytes */" + std::to_string(size));
  } else if (asked.outcome == RangeOutcome::parts) {
    // The tag is a hash of the content, so that it can't stand in it.
    cut_to_ranges(response, asked.ranges, "part-" + member.etag);
  }
}

Response photo(Context& context, const PhotoQuery& query) {
  const storage::Member& member = *context.target.member;
  const auto parsed = contacts::Card::parse(context.transaction.bytes(member));
  const auto* card = std::get_if<contacts::Card>(&parsed);
  auto image = card ? contacts::photo_of(*card) : std::nullopt;
  if (!image) throw Error{condition::not_found, "this card has no image of its own"};

  Response response = answer(200);
  std::string tag = tag_given(context, member);
  if (query.side != 0 && context.environment.photos != nullptr) {
    const auto made = context.environment.photos->smaller(context.principal.account, member.etag + "/image", query.side,
                                                          [&] { return image->octets; });
    if (!made.octets.empty()) image = contacts::Photo{"image/jpeg", made.octets};
    if (!made.now) tag = member.etag + "-photo";
  }
  set_representation(context, member, response);
  Headers& headers = response.headers;
  headers.set("Content-Disposition", image->media_type.starts_with("image/") ? "inline" : "attachment");
  headers.set("Content-Type", std::move(image->media_type));
  headers.set("ETag", '"' + tag + '"');
  headers.remove("Accept-Ranges");
  response.body.assign(1, {std::move(image->octets), nullptr});
  return response;
}

Response get(Context& context) {
  const Target& target = context.target;
  if (const auto query = target.kind == Kind::card ? photo_query(context.request) : std::nullopt) {
    return photo(context, *query);
  }
  if (wants_feed(context.request, target.kind)) return feed(context);
  if (row(target.kind).collection) return listing_page(context);
  Response response = answer(200);
  set_representation(context, *target.member, response);
  apply_range(context, *target.member, response);
  return response;
}

}  // namespace

// RFC 9110 9.3.1, 9.3.2; RFC 4918 9.4
Action prepare_get(const Request&, const Environment&) { return get; }

}  // namespace dav
