#include "dav/dispatch_public.h"

#include <charconv>
#include <string>

#include "dav/access.h"
#include "dav/attachments.h"
#include "dav/dispatch_answer.h"
#include "dav/headers.h"
#include "dav/links.h"
#include "dav/multiput.h"
#include "dav/pages.h"
#include "dav/tzdist.h"

namespace dav {

namespace {

constexpr std::string_view well_known = "/.well-known/";
constexpr std::string_view start = "/dav/";

/// RFC 6764 5: the well-known addresses, and the ones that clients tried before there were any (macOS Calendar asks
/// /principals/ next).
std::optional<std::string_view> redirection(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/.well-known/caldav" || path == "/.well-known/carddav") return start;
  if (path == "/principals" || path == "/principals/users") return "/dav/principals/";
  return std::nullopt;
}

constexpr std::string_view well_known_timezone = "/.well-known/timezone";

bool is_well_known_timezone(std::string_view path) {
  return path.starts_with(well_known_timezone) &&
         (path.size() == well_known_timezone.size() || path[well_known_timezone.size()] == '/');
}

/// RFC 7808 4.2.1.3. A client may take the address for the service's own and ask below it.
std::string timezone_place(const Request& request) {
  std::string place(tzdist::context_path);
  place.append(request.path, well_known_timezone.size());
  return request.query.empty() ? place : place + '?' + request.query;
}

/// What browsers ask for by themselves; a 401 would open a password dialogue.
bool is_browser_noise(std::string_view path) {
  return path == "/favicon.ico" || path == "/robots.txt" || path == "/apple-touch-icon.png" ||
         path.starts_with(well_known);
}

bool is_front_page(const Request& request) { return request.path == "/" && wants_page(request); }

Response redirect(const Request& request, std::string_view path) {
  Response response = answer(301);
  std::string location;
  if (!request.authority.empty()) location = request.scheme + "://" + request.authority;
  response.headers.add("Location", location.append(path));
  // RFC 6764 5 leaves it to the server how long a redirect is kept; a move must not leave phones behind.
  response.headers.add("Cache-Control", "max-age=3600");
  return response;
}

/// RFC 9110 9.3.7: "OPTIONS *" asks about the server as a whole.
Response options_of_server() {
  Response response = answer(200);
  std::string all;
  for (const Method& method : methods()) all.append(all.empty() ? "" : ", ").append(method.name);
  response.headers.add("Allow", all);
  response.headers.add("DAV", std::string(dav_header()));
  response.headers.add("MS-Author-Via", "DAV");
  return response;
}

struct BodyLimit {
  std::int64_t octets;
  Condition over;
};

/// Bodies that nobody needs are read so far, so that the connection can go on.
constexpr std::int64_t idle_body = std::int64_t{64} << 10;

BodyLimit limit_of(const Request& head, const Address& address, const Settings& settings) {
  using Area = Address::Area;
  if (head.method == "PUT" || head.method == "POST") {
    if (asks_for_attachment(head)) return {settings.max_attachment_size, condition::max_attachment_size};
    if (may_be_bulk(head)) {
      const std::string type = media_type(head.headers.find("Content-Type").value_or(""));
      const bool is_xml = type == "application/xml" || type == "text/xml";
      if (is_xml) return {most_multiput_octets(settings), condition::content_too_large};
      const bool cards = address.area == Area::addressbooks;
      return {settings.max_bulk_size, cards ? condition::card_max_resource_size : condition::max_resource_size};
    }
    if (address.area == Area::calendars) return {settings.max_object_size, condition::max_resource_size};
    if (address.area == Area::addressbooks) return {settings.max_object_size, condition::card_max_resource_size};
    if (address.area == Area::files && head.method == "PUT")
      return {settings.max_file_size, condition::content_too_large};
    return {idle_body, condition::content_too_large};
  }
  static constexpr std::string_view with_xml[] = {"PROPFIND", "PROPPATCH", "MKCOL", "MKCALENDAR",
                                                  "LOCK",     "REPORT",    "ACL"};
  for (const std::string_view method : with_xml) {
    if (head.method == method) return {settings.max_xml_size, condition::content_too_large};
  }
  return {idle_body, condition::content_too_large};
}

}  // namespace

bool is_public_request(const Request& head) {
  if (head.method == "OPTIONS" && head.path == "*") return true;
  return redirection(head.path) || is_browser_noise(head.path) || is_front_page(head) || is_link(head.path) ||
         tzdist::is_ours(head.path);
}

std::optional<Response> public_answer(const Request& request, const Settings& settings) {
  if (request.method == "OPTIONS" && request.path == "*") return options_of_server();
  if (const auto path = redirection(request.path)) return redirect(request, *path);
  if (is_well_known_timezone(request.path)) return redirect(request, timezone_place(request));
  if (is_browser_noise(request.path)) return answer(404);
  if (is_front_page(request)) return front_page(request, settings);
  return std::nullopt;
}

std::optional<std::int64_t> content_length(const Request& head) {
  const auto value = head.headers.find("Content-Length");
  if (!value) return std::nullopt;
  std::int64_t length = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), length);
  if (error == std::errc::result_out_of_range) return INT64_MAX;
  if (error != std::errc() || end != value->data() + value->size()) return std::nullopt;
  return length;
}

std::int64_t max_body(const Request& head, const Settings& settings) {
  if (is_public_request(head)) return idle_body;
  if (find_method(head.method) == nullptr) throw Error{condition::not_implemented, "no such method here"};
  const Address address = parse_path(head.path);
  if (head.principal && !may_know(*head.principal, address)) throw Error{condition::not_found};
  const BodyLimit limit = limit_of(head, address, settings);
  if (content_length(head).value_or(0) > limit.octets) {
    throw Error{limit.over, "the body may have at most " + std::to_string(limit.octets) + " octets"};
  }
  return limit.octets;
}

}  // namespace dav
