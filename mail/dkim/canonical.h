#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mail::dkim {

/// How what is signed is brought into a form that survives its way. RFC 6376 3.4
enum class Canonicalization { simple, relaxed };

/// "simple", "relaxed".
std::string_view name_of(Canonicalization way);

/// A field of a header, given whole, as it is signed, with CRLF at its end. RFC 6376 3.4.1, 3.4.2
std::string canonical_field(Canonicalization way, std::string_view field);

/// Brings a body that comes in pieces of any size into its form; holds nothing of it. RFC 6376 3.4.3, 3.4.4
class CanonicalBody {
 public:
  /// What is given out, in order. The view holds during the call.
  using Sink = std::function<void(std::string_view)>;

  CanonicalBody(Canonicalization way, Sink sink) : way_(way), sink_(std::move(sink)) {}

  void add(std::string_view piece);

  /// The end of the body. Nothing may be added after it.
  void finish();

 private:
  void text(std::string_view run);

  Canonicalization way_;
  Sink sink_;
  /// Line ends that have come since the last text: they count only if text follows.
  std::uint64_t ends_ = 0;
  bool space_ = false;  ///< white space since the last text, on its line
  bool cr_ = false;     ///< a CR, of which isn't known yet whether it belongs to a line end
  bool any_ = false;    ///< text was given out
};

}  // namespace mail::dkim
