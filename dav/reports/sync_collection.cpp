#include <charconv>
#include <limits>

#include "dav/properties/values.h"
#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

struct Query {
  ReportRequest request;
  std::string token;  ///< empty for the first time
  std::optional<std::int64_t> limit;
};

/// RFC 6578 3.3
void check_level(const xml::Element& root, const Request& request) {
  const auto* level = root.child(condition::DAV, "sync-level");
  const auto asked = depth(request.headers);
  if (!level) {
    // Drafts of the report, and clients written to them, had the level in the Depth header.
    if (asked == Depth::infinity) throw Error{condition::sync_traversal_supported, "the level is 1"};
    return;
  }
  // RFC 6578 3.2: "This report is only defined when the Depth header has value "0"; other values result in a 400 (Bad
  // Request) error response." Without the header, RFC 3253 3.6 says 0. Thunderbird (to 140 at least, and for its
  // address books) and python-caldav (to 3.6) send 1 beside a level of 1, and mean the same.
  if (asked == Depth::infinity) throw Error{condition::bad_request, "the Depth of this report is 0"};
  const auto text = level->text();
  if (text == "infinite" || text == "infinity") throw Error{condition::sync_traversal_supported, "the level is 1"};
  if (text != "1") throw Error{condition::bad_request, "DAV:sync-level is 1 or infinite"};
}

std::optional<std::int64_t> limit_in(const xml::Element& root) {
  const auto* limit = root.child(condition::DAV, "limit");
  if (!limit) return std::nullopt;
  const auto* nresults = limit->child(condition::DAV, "nresults");
  const auto text = nresults ? nresults->text() : std::string();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) {
    throw Error{condition::bad_request, "DAV:nresults is a number from 1"};
  }
  return value;
}

Query parse(const xml::Element& root, const Request& request, const Environment& environment) {
  check_level(root, request);
  const auto* token = root.child(condition::DAV, "sync-token");
  // RFC 6578 6.1 demands the element; sync-rules 3: an empty one means the full list.
  if (!token) throw Error{condition::bad_request, "a DAV:sync-collection holds a DAV:sync-token"};
  return {read_report_request(root, request, environment), token->text(), limit_in(root)};
}

/// The modseq in a token of this collection. RFC 6578 3.2, DAV:valid-sync-token; sync-rules 2: one of another life of
/// the store, of another collection, from the future, or older than the tombstones kept, is never answered with a list.
storage::Modseq modseq_in(const std::string& token, storage::Transaction& transaction,
                          const storage::Collection& collection) {
  std::string prefix;
  append_sync_token(prefix, transaction.epoch(), collection.id, 0);
  prefix.pop_back();  // the modseq
  storage::Modseq modseq = -1;
  if (token.starts_with(prefix)) {
    const char* end = token.data() + token.size();
    const auto [stop, error] = std::from_chars(token.data() + prefix.size(), end, modseq);
    if (error != std::errc() || stop != end) modseq = -1;
  }
  if (modseq < collection.tombstone_floor || modseq > collection.modseq || modseq < 0) {
    throw Error{condition::valid_sync_token, "this valid-sync-token is not known here; start over without one"};
  }
  return modseq;
}

/// Writes the changes, in the order of their modseq.
class Sync {
 public:
  Sync(const Context& context, const Query& query)
      : context_(context),
        query_(query),
        collection_(*context.target.collection),
        first_time_(query.token.empty()),
        answer_(context, query.request) {}

  Response run() {
    if (!first_time_) after_ = modseq_in(query_.token, context_.transaction, collection_);
    if (first_time_) answer_.walk().load_stored(collection_);
    const auto most = query_.limit.value_or(std::numeric_limits<std::int64_t>::max());
    const auto kind = row(context_.target.kind).member;
    // One more than is wanted shows whether there is more. The first time, tombstones fill no place in the list.
    for (bool more = true; more;) {
      const std::int64_t batch = query_.limit ? most - written_ + 1 : -1;
      std::int64_t seen = 0;
      context_.transaction.changes(collection_.id, after_, batch, answer_.bytes(kind),
                                   [&](const storage::Member& member) {
                                     ++seen;
                                     if (!truncated_) take(member, most);
                                   });
      more = query_.limit && !truncated_ && seen == batch;
    }
    return finish();
  }

 private:
  void take(const storage::Member& member, std::int64_t most) {
    if (member.deleted && first_time_) {
      after_ = member.modseq;
      return;
    }
    if (written_ == most) {
      truncated_ = true;
      return;
    }
    ++written_;
    after_ = member.modseq;
    if (member.deleted) {
      report_removed(member);
    } else {
      answer_.walk().visit_member(*context_.target.account, collection_, member, context_.target.href);
    }
  }

  // RFC 6578 3.5.2
  void report_removed(const storage::Member& member) {
    path_ = context_.target.href;
    encode_segment(path_, member.name);
    if (member.child != 0) path_ += '/';
    answer_.multistatus().add_status(path_, 404);
  }

  Response finish() {
    // RFC 6578 3.6: the token of the cut, and a 507 for the collection itself.
    if (truncated_) {
      const Error limit{condition::number_of_matches_within_limits};
      answer_.multistatus().add_status(context_.target.href, limit.status(), &limit);
    }
    std::string trailer = "<D:sync-token>";
    append_sync_token(trailer, context_.transaction.epoch(), collection_.id, truncated_ ? after_ : collection_.modseq);
    return answer_.finish(trailer += "</D:sync-token>");
  }

  const Context& context_;
  const Query& query_;
  const storage::Collection& collection_;
  bool first_time_;
  ReportAnswer answer_;
  storage::Modseq after_ = 0;
  std::int64_t written_ = 0;
  bool truncated_ = false;
  std::string path_;
};

}  // namespace

// RFC 6578 3
Action prepare_sync_collection(const xml::Element& root, const Request& request, const Environment& environment) {
  return [query = parse(root, request, environment)](Context& context) { return Sync(context, query).run(); };
}

}  // namespace dav
