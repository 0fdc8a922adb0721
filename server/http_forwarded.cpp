#include "server/http_forwarded.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "server/http_head.h"

namespace server {

namespace {

/// One hop: who spoke to the proxy, how, and to which name.
struct Hop {
  std::string node;
  std::string scheme;
  std::string host;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Splits at `separator`, but not within quoted strings.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (quoted && text[index] == '\\') {
      ++index;
    } else if (text[index] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[index] == separator) {
      parts.push_back(trimmed(text.substr(begin, index - begin)));
      begin = index + 1;
    }
  }
  parts.push_back(trimmed(text.substr(std::min(begin, text.size()))));
  return parts;
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  std::string plain;
  for (std::size_t index = 1; index + 1 < value.size(); ++index) {
    if (value[index] == '\\' && index + 2 < value.size()) ++index;
    plain += value[index];
  }
  return plain;
}

/// RFC 7239 6: an address, perhaps with a port and brackets; nothing for "unknown" and obfuscated names.
std::optional<Address> node_address(std::string_view node) {
  if (node.starts_with('[')) return Address::parse(node.substr(1, std::min(node.find(']'), node.size()) - 1));
  if (const auto address = Address::parse(node)) return address;
  return Address::parse(node.substr(0, node.rfind(':')));
}

/// RFC 7239 4.
std::vector<Hop> forwarded_hops(std::string_view field) {
  std::vector<Hop> hops;
  for (const std::string_view element : split(field, ',')) {
    Hop hop;
    for (const std::string_view pair : split(element, ';')) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string_view name = trimmed(pair.substr(0, equals));
      std::string value = unquoted(trimmed(pair.substr(equals + 1)));
      if (same_text(name, "for"))
        hop.node = std::move(value);
      else if (same_text(name, "proto"))
        hop.scheme = std::move(value);
      else if (same_text(name, "host"))
        hop.host = std::move(value);
    }
    hops.push_back(std::move(hop));
  }
  return hops;
}

std::vector<Hop> x_forwarded_hops(const dav::Headers& headers) {
  std::vector<Hop> hops;
  if (const auto nodes = headers.joined("X-Forwarded-For")) {
    for (const std::string_view node : split(*nodes, ',')) hops.push_back({std::string(node), {}, {}});
  }
  // Most proxies set one value of these rather than add one; it is the nearest proxy's word.
  const auto last = [&](std::string_view name) {
    const auto values = headers.joined(name);
    return values ? std::string(split(*values, ',').back()) : std::string();
  };
  Hop word{{}, last("X-Forwarded-Proto"), last("X-Forwarded-Host")};
  if (hops.empty() && (!word.scheme.empty() || !word.host.empty())) hops.push_back({});
  for (Hop& hop : hops) {
    hop.scheme = word.scheme;
    hop.host = word.host;
  }
  return hops;
}

}  // namespace

Origin origin_of(const dav::Request& request, const Peer& peer, const std::vector<Cidr>& trusted) {
  Origin origin{peer.text, peer.tls ? "https" : "http", request.authority, false, false};
  if (!peer.address || !contains(trusted, *peer.address)) return origin;
  origin.by_proxy = true;
  const auto field = request.headers.joined("Forwarded");
  std::vector<Hop> hops = field ? forwarded_hops(*field) : x_forwarded_hops(request.headers);
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    if (same_text(hop->scheme, "https") || same_text(hop->scheme, "http")) {
      origin.scheme = same_text(hop->scheme, "https") ? "https" : "http";
      origin.scheme_told = true;
    }
    if (is_authority(hop->host)) origin.authority = hop->host;
    const auto address = node_address(hop->node);
    if (!address) break;
    origin.client = address->text();
    if (!contains(trusted, *address)) break;
  }
  return origin;
}

}  // namespace server
