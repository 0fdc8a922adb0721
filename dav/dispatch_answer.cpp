#include "dav/dispatch_answer.h"

#include <utility>

#include "dav/http_date.h"

namespace dav {

Response answer(int status) {
  Response response;
  response.status = status;
  return response;
}

Response answer(int status, std::string media_type, std::string body) {
  Response response = answer(status);
  response.headers.add("Content-Type", std::move(media_type));
  if (!body.empty()) response.body.push_back({std::move(body), nullptr, 0, 0});
  return response;
}

Response refuse(const Error& error) {
  Response response;
  if (std::string xml = error_xml(error); !xml.empty()) {
    response = answer(error.status(), "application/xml; charset=utf-8", std::move(xml));
  } else if (!error.reason().empty()) {
    response = answer(error.status(), "text/plain; charset=utf-8", error.reason() + "\n");
  } else {
    response = answer(error.status());
  }
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.refusal = error.reason();
  if (response.refusal.empty()) response.refusal = error.condition().element;
  return response;
}

void set_validators(Headers& headers, const storage::Member& member) {
  if (!member.etag.empty()) headers.set("ETag", '"' + member.etag + '"');
  headers.set("Last-Modified", http_date(member.modified));
  // What is kept may be used again only after asking, and by nobody else.
  headers.set("Cache-Control", "private, no-cache");
}

}  // namespace dav
