#include "dav/methods/representation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/card_version.h"
#include "dav/dispatch_answer.h"
#include "dav/form.h"
#include "dav/headers.h"
#include "dav/photos.h"

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

void add_vary(Headers& headers, std::string_view names) {
  if (names.empty()) return;
  const auto before = headers.find("Vary");
  headers.set("Vary", before ? std::string(*before).append(", ").append(names) : std::string(names));
}

namespace {

/// Instead of what is stored, the object in another form.
void set_form(Context& context, const storage::Member& member, Form form, Response& response) {
  const bool card = is_card(member);
  auto text = context.transaction.bytes(member);
  if (form.photo_side != 0) {
    auto smaller = with_smaller_photos(context, member, form.photo_side, std::move(text));
    text = std::move(smaller.text);
    // The tag of the form is for those octets that it always has.
    if (!smaller.all) form.photo_side = 0;
  }
  text = card ? card_in(form, std::move(text)) : calendar_in(form, std::move(text), context.environment);
  response.headers.set("ETag", '"' + tag_in(form, member.etag) + '"');
  if (form.version) response.headers.set("Content-Type", card_media_type(*form.version));
  if (form.json && card) response.headers.set("Content-Type", card_media_type(form));
  if (form.json && !card) {
    // RFC 7265 7 has the parameter too.
    response.headers.set("Content-Type", std::string(calendar_json) + "; component=" + member.facts.component);
  }
  response.body = {{std::move(text), nullptr, 0, 0}};
}

}  // namespace

void set_representation(Context& context, const storage::Member& member, Response& response) {
  Headers& headers = response.headers;
  const std::string& type = member.media_type;
  headers.set("Content-Type", type.empty() ? "application/octet-stream" : type);
  const bool shown = may_be_shown(media_type(type));
  headers.set("Content-Disposition", content_disposition(member.name, shown));
  headers.set("X-Content-Type-Options", "nosniff");
  const std::string policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
  headers.set("Content-Security-Policy", shown ? policy : policy + "; sandbox");
  headers.set("Accept-Ranges", "bytes");
  set_validators(headers, member);
  add_vary(headers, varies_by(member));
  response.body.clear();
  const Form form = form_of(context, member);
  if (!form.is_stored_form()) return set_form(context, member, form, response);
  if (member.size > 0) response.body.push_back(context.transaction.content(member));
}

Response answer_change(Context& context, const storage::Member& member, bool created, std::string_view href) {
  Response response = answer(created ? 201 : 204);
  if (preferences(context.request.headers).representation) {
    if (!created) response.status = 200;
    set_representation(context, member, response);
    response.headers.set("Content-Location", std::string(href.empty() ? std::string_view(context.target.href) : href));
    response.headers.set("Preference-Applied", "return=representation");
    add_vary(response.headers, "Brief, Prefer");
    return response;
  }
  if (!member.etag.empty()) response.headers.set("ETag", '"' + member.etag + '"');
  return response;
}

Response answer_put(Context& context, const Kept& kept, bool created, std::string_view href) {
  Response response = answer_change(context, kept.member, created, href);
  if (!kept.as_sent && response.body.empty()) response.headers.remove("ETag");
  return response;
}

}  // namespace dav
