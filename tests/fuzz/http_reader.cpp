// What a client sends on an HTTP connection, read as the front does: heads and bodies, one after the other. However the
// octets are cut, the same must come out.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/http_reader.h"

namespace {

constexpr server::HeadBounds bounds{.target_octets = 200, .head_octets = 2000, .fields = 20};

/// Everything that was read, and how it ended.
class Reading {
 public:
  /// False when nothing more will be read.
  bool feed(std::string_view bytes) {
    while (!bytes.empty() && !refused_) {
      if (in_body_) {
        take_body(bytes);
      } else {
        take_head(bytes);
      }
    }
    return !refused_;
  }

  const std::string& text() const { return text_; }

 private:
  void take_head(std::string_view& bytes) {
    const auto state = head_.feed(bytes, bounds);
    if (state == server::HeadReader::State::refused) {
      // With which status may depend on what was seen first.
      if (head_.refusal().status < 400 || head_.refusal().status > 599) std::abort();
      refused_ = true;
      text_ += "refused";
    } else if (state == server::HeadReader::State::complete) {
      const server::HttpHead& head = head_.head();
      text_ += head.request.method + " " + head.request.path + "?" + head.request.query + " " + head.request.authority +
               "\n";
      for (const auto& [name, value] : head.request.headers) text_ += name + ": " + value + "\n";
      if (head.request.path.empty() || head.request.method.empty()) std::abort();
      body_ = server::BodyReader(head.framing, head.length, 100);
      in_body_ = body_.state() == server::BodyReader::State::more;
      head_.reset();
    } else if (!bytes.empty()) {
      std::abort();
    }
  }

  void take_body(std::string_view& bytes) {
    const std::size_t before = bytes.size();
    text_ += body_.next(bytes);
    if (bytes.size() >= before) std::abort();
    if (body_.state() == server::BodyReader::State::refused) {
      refused_ = true;
      text_ += "refused";
    }
    if (body_.state() == server::BodyReader::State::done) {
      in_body_ = false;
      text_ += "\ndone\n";
    }
  }

  server::HeadReader head_;
  server::BodyReader body_{server::Framing::none, 0, 0};
  bool in_body_ = false;
  bool refused_ = false;
  std::string text_;
};

std::string read_by(std::string_view bytes, std::size_t size) {
  Reading reading;
  while (!bytes.empty()) {
    const std::string piece(bytes.substr(0, size));
    bytes.remove_prefix(piece.size());
    if (!reading.feed(piece)) break;
  }
  return reading.text();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = read_by(bytes, size + 1);
  if (read_by(bytes, 1) != whole || read_by(bytes, 1 + size / 3) != whole) std::abort();
  return 0;
}
