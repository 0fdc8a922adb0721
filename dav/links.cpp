#include "dav/links.h"

#include <utility>

#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/feed.h"
#include "storage/failure.h"
#include "storage/links.h"

namespace dav {

namespace {

constexpr std::string_view folder = "/link/";
constexpr storage::Timestamp use_noted_every = 3600;  // a write for each request would be too much

std::string_view ending_of(Kind kind) { return kind == Kind::calendar ? ".ics" : ".vcf"; }

/// What a link leads to, as if its owner had asked for it; nothing where that has no feed or is not to be had.
std::optional<Target> target_of(storage::Transaction& transaction, const storage::Link& link, std::string_view ending) {
  Target target;
  target.collection = transaction.collection(link.collection);
  if (!target.collection) return std::nullopt;
  target.kind = kind_of(target.collection->kind);
  target.account = transaction.account(target.collection->account);
  if (!has_feed(target.kind) || ending_of(target.kind) != ending) return std::nullopt;
  if (!target.account || target.account->disabled) return std::nullopt;
  target.exists = true;
  target.name = target.collection->name;
  return target;
}

void set_privacy(Headers& headers) {
  // The address is the secret: it is to be left nowhere on the way.
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("X-Robots-Tag", "noindex, nofollow");
  headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  headers.set("X-Content-Type-Options", "nosniff");
}

Response unknown() {
  Response response = answer(404, "text/plain; charset=utf-8", "There is nothing here, or not any more.\n");
  response.headers.set("Cache-Control", "no-store");
  set_privacy(response.headers);
  response.refusal = "no such link";
  return response;
}

/// What can't be written now doesn't keep anybody from reading.
void note_use(storage::Store& store, storage::Id link) {
  try {
    store.write([&](storage::Transaction& transaction) { storage::link_used(transaction, link); });
  } catch (const storage::Failure&) {
  }
}

Response of_other_method(const Request& request) {
  Response response = answer(request.method == "OPTIONS" ? 200 : 405);
  response.headers.set("Allow", "GET, HEAD, OPTIONS");
  set_privacy(response.headers);
  return response;
}

}  // namespace

bool is_link(std::string_view path) { return path.starts_with(folder); }

std::string link_path(std::string_view secret, Kind kind) {
  return std::string(folder).append(secret).append(ending_of(kind));
}

Response link_answer(const Request& request, const Environment& environment) {
  if (request.method != "GET" && request.method != "HEAD") return of_other_method(request);
  std::string_view secret = std::string_view(request.path).substr(folder.size());
  const std::string_view ending = secret.substr(secret.size() < 4 ? secret.size() : secret.size() - 4);
  secret.remove_suffix(ending.size());
  std::optional<storage::Id> to_note;
  Response response = environment.store.read([&](storage::Transaction& transaction) {
    const auto link = storage::find_link(transaction, secret);
    auto target = link ? target_of(transaction, *link, ending) : std::nullopt;
    if (!target) return unknown();
    const storage::Principal nobody;
    Context context{transaction, request, nobody, environment, *target, transaction.now()};
    Response found = feed(context, link->busy_only ? calendar::Disclosure::busy : calendar::Disclosure::public_);
    set_privacy(found.headers);
    if (link->last_used.value_or(0) + use_noted_every <= context.now) to_note = link->id;
    return found;
  });
  if (to_note) note_use(environment.store, *to_note);
  return response;
}

}  // namespace dav
