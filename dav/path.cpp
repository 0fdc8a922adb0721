#include "dav/path.h"

#include <array>
#include <utility>

#include "dav/content/text.h"
#include "dav/error.h"

namespace dav {

namespace {

constexpr std::size_t longest_segment = 255;
constexpr std::size_t most_segments = 64;

using Area = Address::Area;

struct AreaName {
  std::string_view name;
  Area area;
};
constexpr std::array<AreaName, 6> areas{{
    {"principals", Area::principals},
    {"calendars", Area::calendars},
    {"addressbooks", Area::addressbooks},
    {"files", Area::files},
    {"attachments", Area::attachments},
    {"directory", Area::directory},
}};

std::string_view name_of(Area area) {
  for (const AreaName& known : areas) {
    if (known.area == area) return known.name;
  }
  return {};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode_segment(std::string_view text) {
  std::string segment;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        throw Error{condition::bad_request, "a % in a path is followed by two hexadecimal digits"};
      c = static_cast<char>(high * 16 + low);
      i += 2;
      // A slash within a name could not be told from one between names further down.
      if (c == '/') throw Error{condition::bad_request, "a name can't contain a slash"};
    }
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) throw Error{condition::bad_request, "a name can't contain control characters"};
    segment += c;
  }
  return segment;
}

void append_segment(std::vector<std::string>& segments, std::string segment) {
  if (segment.empty() || segment == ".") return;
  if (segment == "..") {
    if (segments.empty()) throw Error{condition::bad_request, "the path leads out of the root"};
    segments.pop_back();
    return;
  }
  if (segment.size() > longest_segment) throw Error{condition::bad_request, "a name has at most 255 octets"};
  if (!content::is_utf8(segment)) throw Error{condition::bad_request, "a name is UTF-8"};
  if (segments.size() == most_segments) throw Error{condition::bad_request, "a path has at most 64 names"};
  segments.push_back(std::move(segment));
}

/// The names of a path, with "." and ".." taken out (RFC 3986 5.2.4) and empty ones ignored.
std::vector<std::string> names_in(std::string_view path) {
  std::vector<std::string> names;
  std::size_t start = 1;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    append_segment(names, decode_segment(path.substr(start, end - start)));
    start = end + 1;
  }
  return names;
}

bool ends_as_collection(std::string_view path) {
  const auto last = path.substr(path.rfind('/') + 1);
  return last.empty() || last == "." || last == "..";
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) result += lower(c);
  return result;
}

/// Host and port, without user information and without the default port of either scheme: behind a proxy, the scheme
/// that a client writes into Destination may be another than the one that it used.
std::string plain_authority(std::string_view authority) {
  authority.remove_prefix(std::min(authority.rfind('@') + 1, authority.size()));
  std::string plain = lower(authority);
  for (const std::string_view port : {":443", ":80", ":"}) {
    if (plain.size() > port.size() && plain.ends_with(port)) {
      plain.resize(plain.size() - port.size());
      break;
    }
  }
  return plain;
}

}  // namespace

Address parse_path(std::string_view path) {
  if (path.empty() || path.front() != '/') throw Error{condition::bad_request, "a path starts with a slash"};
  Address address;
  address.trailing_slash = ends_as_collection(path);
  auto names = names_in(path);
  auto next = names.begin();
  const auto rest = [&] {
    return std::vector<std::string>(std::make_move_iterator(next), std::make_move_iterator(names.end()));
  };
  if (next == names.end()) {
    address.area = Area::root;
    return address;
  }
  if (*next != "dav") {
    address.segments = rest();
    return address;
  }
  if (++next == names.end()) {
    address.area = Area::dav;
    return address;
  }
  for (const AreaName& known : areas) {
    if (known.name != *next) continue;
    address.area = known.area;
    ++next;
    // The directory is nobody's own.
    if (known.area != Area::directory && next != names.end()) address.account = std::move(*next++);
    address.segments = rest();
    return address;
  }
  address.segments = std::move(names);
  return address;
}

std::optional<Address> parse_reference(std::string_view reference, std::string_view authority) {
  const auto first = reference.find_first_not_of(" \t");
  if (first == std::string_view::npos) throw Error{condition::bad_request, "an empty reference"};
  reference = reference.substr(first, reference.find_last_not_of(" \t") - first + 1);
  // A "?" or "#" that was meant as part of a name must not cut the name short.
  if (reference.find_first_of("?#") != std::string_view::npos) {
    throw Error{condition::bad_request, "a reference to a resource has no query and no fragment"};
  }
  if (reference.front() == '/' && !reference.starts_with("//")) return parse_path(reference);

  const auto colon = reference.find(':');
  if (!reference.starts_with("//")) {
    if (colon == std::string_view::npos || reference.substr(colon + 1, 2) != "//") {
      throw Error{condition::bad_request, "a reference is an absolute path or a URL"};
    }
    const auto scheme = lower(reference.substr(0, colon));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    reference.remove_prefix(colon + 1);
  }
  reference.remove_prefix(2);
  const auto slash = std::min(reference.find('/'), reference.size());
  if (plain_authority(reference.substr(0, slash)) != plain_authority(authority)) return std::nullopt;
  return parse_path(slash == reference.size() ? std::string_view("/") : reference.substr(slash));
}

void encode_segment(std::string& out, std::string_view segment) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : segment) {
    // RFC 3986 2.3 unreserved, and "@", which addresses in names are full of.
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~' || c == '@';
    if (plain) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
}

std::string encode(const Address& address, bool collection) {
  std::string path;
  if (address.area == Area::root) return "/";
  if (address.area != Area::outside) path = "/dav";
  if (const auto name = name_of(address.area); !name.empty()) path.append("/").append(name);
  if (!address.account.empty()) encode_segment(path += '/', address.account);
  for (const std::string& segment : address.segments) encode_segment(path += '/', segment);
  if (collection) path += '/';
  return path;
}

std::string plain_name(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string name(text.substr(0, longest));
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.@").find(c) != std::string_view::npos;
    if (!plain) c = '-';
  }
  return name;
}

}  // namespace dav
