#include <algorithm>

#include "dav/contacts/convert_tables.h"
#include "dav/contacts/convert_value.h"
#include "dav/content/encoding.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::equal_ignoring_case;

constexpr std::string_view unknown_type = "application/octet-stream";
constexpr std::string_view media_type_mark = "X-VCARD4-MEDIATYPE";

bool is_key(const Line& line) { return line.is("KEY"); }

std::string_view main_type(const Line& line) {
  if (is_key(line)) return "application/";
  return line.is("SOUND") ? "audio/" : "image/";
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return result;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$&-^_.+/").find(c) != std::string_view::npos;
  });
}

/// The media type that the TYPE of 3.0 names, which is taken away; empty if there is none.
std::string take_format(Line& line) {
  const LineParameter* types = line.find("TYPE");
  if (types == nullptr) return {};
  const auto found = std::find_if(types->values.begin(), types->values.end(), [](const std::string& type) {
    return !equal_ignoring_case(type, "home") && !equal_ignoring_case(type, "work") &&
           !equal_ignoring_case(type, "pref") && is_token(type);
  });
  if (found == types->values.end()) return {};
  const std::string type = *found;
  line.remove_type(type);
  for (const MediaName& row : media_names()) {
    if (line.is(row.property) && equal_ignoring_case(row.type_v3, type)) return std::string(row.media_type);
  }
  if (type.find('/') != std::string::npos) return lower(type);
  return std::string(main_type(line)) + lower(type);
}

/// Says a media type as 3.0 does.
void set_format(Line& line, std::string_view media_type) {
  if (media_type.empty() || equal_ignoring_case(media_type, unknown_type)) return;
  std::string type;
  for (const MediaName& row : media_names()) {
    if (type.empty() && line.is(row.property) && equal_ignoring_case(row.media_type, media_type)) type = row.type_v3;
  }
  const std::string_view natural = main_type(line);
  if (type.empty() && equal_ignoring_case(media_type.substr(0, natural.size()), natural)) {
    type = content::upper(media_type.substr(natural.size()));
    if (type == "JPG" || type == "HOME" || type == "WORK" || type == "PREF" || !is_token(type) ||
        type.find('/') != std::string::npos) {
      type.clear();
    }
  }
  if (type.empty()) return line.set(media_type_mark, carried(media_type));
  // In front, since it is the first that names the format.
  LineParameter* types = line.find("TYPE");
  if (types == nullptr) return line.add("TYPE", type);
  types->values.insert(types->values.begin(), type);
}

std::string take_media_type(Line& line) {
  std::string type = take_format(line);
  if (line.find(media_type_mark) != nullptr) {
    const std::string exact = uncarried(line.parameter(media_type_mark));
    if (exact.find_first_of("\n\t,") == std::string::npos) type = exact;
    line.remove(media_type_mark);
  }
  return type;
}

}  // namespace

void media_to_v4(Line& line) {
  const std::string encoding = line.parameter("ENCODING"), kind = line.parameter("VALUE");
  const bool encoded = equal_ignoring_case(encoding, "b") || equal_ignoring_case(encoding, "base64");
  const bool refers = !encoded && (equal_ignoring_case(kind, "uri") || equal_ignoring_case(kind, "url") ||
                                   (kind.empty() && is_uri(line.value)));
  const bool is_text = !encoded && !refers && is_key(line);
  line.remove("ENCODING");
  line.remove("VALUE");
  const std::string media_type = take_media_type(line);
  if (refers || is_text) {
    if (is_text) line.set("VALUE", "text");
    if (!media_type.empty()) line.set("MEDIATYPE", media_type);
    return;
  }
  std::string data = "data:";
  data.append(media_type.empty() ? unknown_type : std::string_view(media_type)).append(";base64,");
  data.reserve(data.size() + line.value.size());
  for (std::string_view rest = line.value; !rest.empty();) {
    const auto run = std::min(rest.find_first_of(" \t"), rest.size());
    data += rest.substr(0, run);
    rest.remove_prefix(std::min(run + 1, rest.size()));
  }
  line.value = std::move(data);
}

// RFC 2397 3: data:[<mediatype>][;base64],<data>
void media_to_v3(Line& line) {
  std::string media_type = line.parameter("MEDIATYPE");
  line.remove("MEDIATYPE");
  const bool is_text = equal_ignoring_case(line.parameter("VALUE"), "text");
  // Some write 4.0 as if it were 3.0.
  if (line.find("ENCODING") != nullptr) {
    line.set("ENCODING", "b");
    return set_format(line, media_type);
  }
  if (!is_text || !is_uri(line.value)) line.remove("VALUE");
  const std::string_view value = line.value;
  const auto comma = value.find(',');
  if (is_text || comma == std::string_view::npos || !equal_ignoring_case(value.substr(0, 5), "data:")) {
    if (!is_text) line.set("VALUE", "uri");
    return set_format(line, media_type);
  }
  std::string_view head = value.substr(5, comma - 5);
  const bool base64 = head.size() >= 7 && equal_ignoring_case(head.substr(head.size() - 7), ";base64");
  if (base64) head.remove_suffix(7);
  media_type = head.empty() ? "text/plain" : std::string(head);
  // Base64 may have been percent-encoded as any URI.
  std::string data = content::decode_percent(value.substr(comma + 1));
  if (base64) {
    std::erase_if(data, [](char c) { return c == '\r' || c == '\n' || c == ' '; });
    if (!is_clean(data)) data.clear();
  } else {
    data = content::encode_base64(data);
  }
  line.value = std::move(data);
  line.set("ENCODING", "b");
  set_format(line, media_type);
}

}  // namespace dav::contacts
