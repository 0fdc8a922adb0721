#include "dav/ranges.h"

#include <strings.h>
#include <algorithm>
#include <charconv>
#include <optional>

namespace dav {

namespace {

/// More pieces than this are asked for by nobody but for attack (RFC 9110 14.2 lets a server ignore them).
constexpr std::size_t most_ranges = 64;

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Digits alone; a number beyond all sizes is the largest there is.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc::result_out_of_range ? UINT64_MAX : value;
}

struct Spec {
  bool valid = false;
  std::optional<ByteRange> range;  ///< nothing where it can't be satisfied
};

Spec parse_spec(std::string_view text, std::uint64_t size) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const auto from = trim(text.substr(0, dash));
  const auto to = trim(text.substr(dash + 1));
  if (from.empty()) {  // the last so many octets
    const auto count = number(to);
    if (!count) return {};
    if (*count == 0 || size == 0) return {true, std::nullopt};
    return {true, ByteRange{size - std::min(*count, size), size - 1}};
  }
  const auto first = number(from);
  const auto last = to.empty() ? std::optional(UINT64_MAX) : number(to);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return {true, std::nullopt};
  return {true, ByteRange{*first, std::min(*last, size - 1)}};
}

/// Joins ranges that overlap or touch, where there are any; the order stays if there are none.
std::vector<ByteRange> joined(std::vector<ByteRange> ranges) {
  auto sorted = ranges;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ByteRange> result;
  for (const ByteRange& range : sorted) {
    if (!result.empty() && range.first <= result.back().last + 1) {
      result.back().last = std::max(result.back().last, range.last);
    } else {
      result.push_back(range);
    }
  }
  return result.size() == ranges.size() ? ranges : result;
}

storage::Segment piece(const storage::Segment& whole, const ByteRange& range) {
  storage::Segment part;
  if (whole.file) {
    part.file = whole.file;
    part.offset = whole.offset + range.first;
    part.length = range.size();
  } else {
    part.bytes = whole.bytes.substr(range.first, range.size());
  }
  return part;
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' + std::to_string(size);
}

}  // namespace

RangeRequest parse_range(std::string_view header, std::uint64_t size) {
  RangeRequest request;
  const auto equals = header.find('=');
  const auto unit = trim(header.substr(0, equals));
  if (equals == std::string_view::npos || unit.size() != 5 || ::strncasecmp(unit.data(), "bytes", 5) != 0)
    return request;
  header.remove_prefix(equals + 1);
  std::size_t asked = 0;
  while (!header.empty()) {
    const auto comma = std::min(header.find(','), header.size());
    const auto text = trim(header.substr(0, comma));
    header.remove_prefix(std::min(comma + 1, header.size()));
    if (text.empty()) continue;  // RFC 9110 5.6.1.2
    const Spec spec = parse_spec(text, size);
    if (!spec.valid || ++asked > most_ranges) return {};
    if (spec.range) request.ranges.push_back(*spec.range);
  }
  if (asked == 0) return request;
  request.outcome = request.ranges.empty() ? RangeOutcome::unsatisfiable : RangeOutcome::parts;
  request.ranges = joined(std::move(request.ranges));
  return request;
}

void cut_to_ranges(Response& response, const std::vector<ByteRange>& ranges, const std::string& boundary) {
  const storage::Segment whole = response.body.empty() ? storage::Segment{} : std::move(response.body.front());
  const std::uint64_t size = whole.size();
  response.status = 206;
  response.body.clear();
  if (ranges.size() == 1) {
    response.headers.set("Content-Range", content_range(ranges.front(), size));
    response.body.push_back(piece(whole, ranges.front()));
    return;
  }
  const std::string type(response.headers.find("Content-Type").value_or("application/octet-stream"));
  for (const ByteRange& range : ranges) {
    std::string head = response.body.empty() ? "" : "\r\n";
    head +=
        "--" + boundary + "\r\nContent-Type: " + type + "\r\nContent-Range: " + content_range(range, size) + "\r\n\r\n";
    response.body.push_back({std::move(head), nullptr, 0, 0});
    response.body.push_back(piece(whole, range));
  }
  response.body.push_back({"\r\n--" + boundary + "--\r\n", nullptr, 0, 0});
  response.headers.set("Content-Type", "multipart/byteranges; boundary=" + boundary);
}

}  // namespace dav
