#include "dav/multistatus.h"

#include <array>

#include "dav/xml.h"

namespace dav {

namespace {

struct StatusLine {
  int status;
  std::string_view line;
};

constexpr std::array<StatusLine, 23> status_lines{{
    {200, "HTTP/1.1 200 OK"},
    {201, "HTTP/1.1 201 Created"},
    {204, "HTTP/1.1 204 No Content"},
    {304, "HTTP/1.1 304 Not Modified"},
    {400, "HTTP/1.1 400 Bad Request"},
    {401, "HTTP/1.1 401 Unauthorized"},
    {403, "HTTP/1.1 403 Forbidden"},
    {404, "HTTP/1.1 404 Not Found"},
    {405, "HTTP/1.1 405 Method Not Allowed"},
    {409, "HTTP/1.1 409 Conflict"},
    {412, "HTTP/1.1 412 Precondition Failed"},
    {413, "HTTP/1.1 413 Content Too Large"},
    {415, "HTTP/1.1 415 Unsupported Media Type"},
    {416, "HTTP/1.1 416 Range Not Satisfiable"},
    {422, "HTTP/1.1 422 Unprocessable Content"},
    {423, "HTTP/1.1 423 Locked"},
    {424, "HTTP/1.1 424 Failed Dependency"},
    {500, "HTTP/1.1 500 Internal Server Error"},
    {501, "HTTP/1.1 501 Not Implemented"},
    {502, "HTTP/1.1 502 Bad Gateway"},
    {503, "HTTP/1.1 503 Service Unavailable"},
    {507, "HTTP/1.1 507 Insufficient Storage"},
    {508, "HTTP/1.1 508 Loop Detected"},
}};

}  // namespace

std::string_view status_line(int status) {
  for (const auto& row : status_lines) {
    if (row.status == status) return row.line;
  }
  return "HTTP/1.1 500 Internal Server Error";
}

Multistatus::Multistatus(const std::string& spool_directory) : spool_(spool_directory) {
  buffer_ = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus ";
  buffer_.append(xml::root_namespaces).append(">\n");
}

void Multistatus::begin_response(std::string_view href) {
  buffer_ += "<D:response><D:href>";
  xml::escape(buffer_, href);
  buffer_ += "</D:href>";
}

void Multistatus::end_response() {
  buffer_ += "</D:response>\n";
  flush();
}

void Multistatus::flush() {
  if (buffer_.size() < piece) return;
  spool_.append(buffer_);
  buffer_.clear();
}

void Multistatus::end_propstat(int status) {
  buffer_.append("<D:status>").append(status_line(status)).append("</D:status></D:propstat>");
}

void Multistatus::add_status(std::string_view href, int status, const Error* why) {
  begin_response(href);
  buffer_.append("<D:status>").append(status_line(status)).append("</D:status>");
  if (why) {
    if (const auto condition = condition_xml(*why); !condition.empty()) {
      buffer_.append("<D:error>").append(condition).append("</D:error>");
    }
    if (!why->reason().empty()) {
      buffer_ += "<D:responsedescription>";
      xml::escape(buffer_, why->reason());
      buffer_ += "</D:responsedescription>";
    }
  }
  end_response();
}

Response Multistatus::finish(std::string_view trailer) {
  buffer_.append(trailer).append("</D:multistatus>\n");
  spool_.append(buffer_);
  buffer_.clear();
  Response response;
  response.status = 207;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  response.body.push_back(spool_.take());
  return response;
}

}  // namespace dav
