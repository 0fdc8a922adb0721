#include "server/http_plaintext.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "server/http_writer.h"
#include "server/loop_transport.h"

namespace server {

namespace {

constexpr std::string_view challenges = "/.well-known/acme-challenge/";
constexpr std::size_t largest_challenge = 64 * 1024;

/// RFC 8555 8.3: tokens are base64url, so that a name can't lead out of the folder.
bool is_token(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::ranges::all_of(name, [](char octet) {
    return (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') ||
           octet == '_' || octet == '-';
  });
}

dav::Response challenge(const dav::Request& request, std::string_view name, const std::string& directory) {
  if (request.method != "GET" && request.method != "HEAD") return plain_answer(405, "a challenge is only read");
  if (!is_token(name)) return plain_answer(404, "not a challenge");
  const Descriptor file(::open((directory + "/" + std::string(name)).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return plain_answer(404, "no such challenge");
  }
  std::string text(std::min<std::size_t>(static_cast<std::size_t>(facts.st_size), largest_challenge), '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  dav::Response response;
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("X-Content-Type-Options", "nosniff");
  storage::Segment segment;
  segment.bytes = std::move(text);
  response.body.push_back(std::move(segment));
  return response;
}

dav::Response redirect(const dav::Request& request, const HttpOptions& options) {
  if (request.authority.empty()) return plain_answer(400, "no host to redirect to");
  std::string_view host = request.authority;
  // The port of the authority is the plain one; an IPv6 address has its colons within brackets.
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
    host = host.substr(0, colon);
  std::string location = "https://" + std::string(host);
  if (options.https_port != 443) location += ":" + std::to_string(options.https_port);
  location += request.path == "*" ? "/" : request.path;
  if (!request.query.empty()) location += "?" + request.query;
  dav::Response response = plain_answer(308, "");
  response.headers.add("Location", std::move(location));
  return response;
}

}  // namespace

std::optional<dav::Response> plaintext_answer(const dav::Request& request, const Peer& peer, const Origin& origin,
                                              const HttpOptions& options) {
  if (peer.tls) return std::nullopt;
  if (!options.acme_directory.empty() && request.path.starts_with(challenges)) {
    return challenge(request, std::string_view(request.path).substr(challenges.size()), options.acme_directory);
  }
  if (options.plaintext == Plaintext::serve || origin.scheme == "https") return std::nullopt;
  if (origin.by_proxy ? !origin.scheme_told : peer.address && contains(options.plaintext_from, *peer.address)) {
    return std::nullopt;
  }
  return redirect(request, options);
}

}  // namespace server
