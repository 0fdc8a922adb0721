#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mail/smtp/reply.h"
#include "storage/spool.h"

namespace mail::smtp {

/// A message that is coming in. Its header is held until it is whole, and what `front` makes of it is stored in its
/// place; what follows goes through. Once something is refused, the rest is read and forgotten.
class Intake {
 public:
  /// Given the header, with its empty line if there is one; it may throw Refused.
  using Front = std::function<std::string(std::string_view header)>;
  Intake(std::string spool_directory, std::uint64_t most_octets, Front front);

  void append(std::string_view bytes);

  /// At the end: the message. Throws Refused.
  storage::Spool finish();

  /// What `front` has made.
  const std::string& header() const { return header_; }
  /// Whether octets beyond ASCII came.
  bool eight_bit() const { return eight_bit_; }

 private:
  void store(std::string_view bytes);
  bool complete();
  void end_header();
  void refuse(const Reply& reply);

  Front front_;
  std::uint64_t most_;
  std::uint64_t received_ = 0;
  storage::Spool spool_;
  std::string directory_;
  std::string header_;
  std::size_t line_ = 0;  ///< where the line begins that is not whole yet
  bool in_body_ = false;
  bool eight_bit_ = false;
  std::optional<Reply> refusal_;
};

/// A header longer than this isn't looked for the end of.
constexpr std::size_t most_header = 256 * 1024;

}  // namespace mail::smtp
