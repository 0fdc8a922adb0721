#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/fuzz/tree.h"

namespace {

const std::string path = "/dav/calendars/ada/calendar/a.ics";

/// The octets up to the end of the line, which are taken away.
std::string take_line(std::string& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string line = text.substr(0, end);
  text.erase(0, end + 1);
  return line;
}

bool went(const dav::Response& response) { return response.status < 300; }

std::string managed_id(const dav::Response& response) {
  return std::string(response.headers.find("Cal-Managed-ID").value_or(""));
}

}  // namespace

// The query, Content-Disposition and Content-Type of a POST, a line each, and the object that it is about. Whatever an
// action makes of an object is one that can be put; what is added to all of it and then removed leaves no trace.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Tree& tree = fuzz::used_tree();
  std::string object(reinterpret_cast<const char*>(data), size);
  fuzz::Tree::Asked post{"POST", path, take_line(object), {}};
  post.headers.emplace_back("Content-Disposition", take_line(object));
  post.headers.emplace_back("Content-Type", take_line(object));
  tree.answer({"DELETE", path, {}, {}});
  if (!went(tree.answer({"PUT", path, {}, {}}, object))) return 0;

  const auto read = [&] { return fuzz::Tree::body_of(tree.answer({"GET", path, {}, {}})); };
  auto add = post;
  add.query = "action=attachment-add";
  if (const auto added = tree.answer(add, "octets"); went(added)) {
    const std::string query = "action=attachment-remove&managed-id=" + managed_id(added);
    if (!went(tree.answer({"POST", path, query, {}})) || read() != object) std::abort();
    if (const auto again = tree.answer(add, "octets"); went(again)) post.query += "&managed-id=" + managed_id(again);
  }
  if (went(tree.answer(post, "others")) && !went(tree.answer({"PUT", path, {}, {}}, read()))) std::abort();
  return 0;
}
