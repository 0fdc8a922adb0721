#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http_head.h"

namespace server {

struct HeadBounds {
  std::size_t target_octets;
  std::size_t head_octets;
  std::size_t fields;
};

/// Finds a head in the octets of a connection, however they are cut. Refuses as early as it can what no head begins
/// with.
class HeadReader {
 public:
  enum class State {
    waiting,  ///< nothing of a head is here yet
    partial,
    complete,  ///< see head()
    refused,   ///< see refusal()
  };

  /// Takes octets, up to the end of the head; `bytes` is shortened by them. Called again only while waiting or partial.
  State feed(std::string_view& bytes, const HeadBounds& bounds);

  HttpHead& head() { return *head_; }
  const FramingRefusal& refusal() const { return refusal_; }

  /// The head's octets, as long as those given to the last feed exist.
  std::string_view octets() const { return octets_; }

  /// Ready for the next one, with no memory held.
  void reset() { *this = {}; }

 private:
  std::optional<std::size_t> find_end(std::string_view octets, const HeadBounds& bounds);
  State refuse(int status, std::string reason);

  std::string partial_;
  std::string_view octets_;
  std::size_t seen_ = 0;  ///< octets already looked at
  std::size_t line_ = 0;  ///< where the current line begins
  std::size_t lines_ = 0;
  std::size_t blank_octets_ = 0;
  std::unique_ptr<HttpHead> head_;  ///< apart, because idle connections have none
  FramingRefusal refusal_;
};

/// Takes the content out of a body's octets, however they are cut.
class BodyReader {
 public:
  enum class State { more, done, refused };

  /// `most_overhead` bounds the octets of chunk extensions and trailers together.
  BodyReader(Framing framing, std::uint64_t length, std::size_t most_overhead);

  /// The next piece of content at the start of `bytes`, which is shortened by it and by what delimits it. May be empty;
  /// call again while bytes are left and the state is more.
  std::string_view next(std::string_view& bytes);

  State state() const { return state_; }
  const char* reason() const { return reason_; }

 private:
  enum class Part {
    size,
    space,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf
  };

  std::string_view content(std::string_view& bytes);
  void step(char octet);
  void step_size(char octet);
  void step_trailer(char octet);
  void overhead(char octet);
  void refuse(const char* reason);

  State state_ = State::more;
  bool chunked_;
  Part part_ = Part::size;
  std::uint64_t left_;  ///< of the content or of the chunk
  unsigned digits_ = 0;
  std::size_t overhead_left_;
  const char* reason_ = "";
};

}  // namespace server
