#include "dav/methods/representation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/dispatch_answer.h"
#include "dav/headers.h"

namespace dav {

namespace {

/// What a browser may show by itself; everything else it is to save. HTML, SVG and their like could act in the name of
/// whoever looks at them.
bool may_be_shown(std::string_view type) {
  static constexpr std::array<std::string_view, 12> shown{"text/plain", "application/pdf", "image/png",  "image/jpeg",
                                                          "image/gif",  "image/webp",      "image/avif", "image/bmp",
                                                          "audio/mpeg", "audio/ogg",       "video/mp4",  "video/webm"};
  return std::find(shown.begin(), shown.end(), type) != shown.end();
}

}  // namespace

// RFC 6266 4.3
std::string content_disposition(std::string_view name, bool inline_) {
  std::string plain;
  bool ascii = true;
  for (const char c : name) {
    const auto octet = static_cast<unsigned char>(c);
    const bool odd = octet >= 0x80 || c == '"' || c == '\\' || c == '%';
    ascii = ascii && !odd;
    plain += odd ? '_' : c;
  }
  std::string value = inline_ ? "inline" : "attachment";
  value += "; filename=\"" + plain + '"';
  if (!ascii) encode_segment(value += "; filename*=UTF-8''", name);
  return value;
}

void set_representation(Context& context, const storage::Member& member, Response& response) {
  Headers& headers = response.headers;
  const std::string& type = member.media_type;
  headers.set("Content-Type", type.empty() ? "application/octet-stream" : type);
  headers.set("Content-Disposition", content_disposition(member.name, may_be_shown(media_type(type))));
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  headers.set("Accept-Ranges", "bytes");
  set_validators(headers, member);
  response.body.clear();
  if (member.size > 0) response.body.push_back(context.transaction.content(member));
}

Response answer_change(Context& context, const storage::Member& member, bool created, std::string_view href) {
  Response response = answer(created ? 201 : 204);
  if (preferences(context.request.headers).representation) {
    if (!created) response.status = 200;
    set_representation(context, member, response);
    response.headers.set("Content-Location", std::string(href.empty() ? std::string_view(context.target.href) : href));
    response.headers.set("Preference-Applied", "return=representation");
    response.headers.set("Vary", "Brief, Prefer");
    return response;
  }
  if (!member.etag.empty()) response.headers.set("ETag", '"' + member.etag + '"');
  return response;
}

}  // namespace dav
