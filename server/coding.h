#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dav/response.h"

namespace server {

/// The content codings that answers are sent in (RFC 9110 8.4.1, RFC 8878 for zstd).
enum class Coding { identity, gzip, zstd };

/// What the client likes best by its Accept-Encoding field; of two it likes the same, zstd. RFC 9110 12.5.3.
Coding choose_coding(std::string_view accept_encoding);

/// Whether a coding may be applied: text or XML or JSON of some size, not coded yet, without a strong entity tag (which
/// would name the octets) and not a part of something.
bool is_codable(const dav::Response& response);

/// Applies the coding to the body and says so in the fields. A piece at a time; a large result goes to a file in
/// `directory`. Throws storage::Failure.
void apply_coding(dav::Response& response, Coding coding, const std::string& directory);

/// A body that is coded while it is sent, so that its first octets need not wait for the last, and no more of it is
/// held than a piece.
class CodedChunks {
 public:
  /// Takes the body of the response, and says in its fields how it is coded: gzip or zstd.
  CodedChunks(dav::Response& response, Coding coding);
  ~CodedChunks();
  CodedChunks(const CodedChunks&) = delete;
  CodedChunks& operator=(const CodedChunks&) = delete;

  /// The next octets, perhaps none. Throws storage::Failure or std::runtime_error.
  std::string next();

  bool done() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One chunk of RFC 9112 7.1; nothing for no octets.
void append_chunk(std::string& out, std::string_view bytes);
constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace server
