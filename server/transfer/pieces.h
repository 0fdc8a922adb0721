#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace server {

/// One object taken out of a file, ready to be put.
struct Piece {
  std::string bytes;
  std::string uid;                   ///< empty for what couldn't be read
  std::string component;             ///< "VEVENT", …, "VCARD"
  std::vector<std::string> repairs;  ///< what is no more as it was in the file
  std::string fault;                 ///< why the file (or this part of it) can't be read at all
};

/// Takes a file of calendar objects apart, one piece for each UID (RFC 4791 4.1): with the time zones it needs and the
/// calendar's other properties, but without METHOD. A file that holds one object as it should be stays as it is, octet
/// by octet. Repaired, and named: a missing UID (made from the content, so that it is the same the next time), a
/// missing VERSION, octets that are not UTF-8 (taken for Latin-1). Where all pieces together, each with its own copy of
/// the time zones, would have more than `most_octets`, the last piece has that fault and no other follows.
std::vector<Piece> calendar_pieces(std::string text, std::size_t most_octets = std::numeric_limits<std::size_t>::max());

/// The fault of a calendar that holds nothing.
inline constexpr std::string_view empty_calendar = "a calendar without any object";

/// The same for a file of cards. Repaired besides: a missing FN, from N, ORG or EMAIL; octets that are not UTF-8 are
/// read by their CHARSET; a card of version 2.1 becomes one of 3.0.
std::vector<Piece> card_pieces(std::string text);

}  // namespace server
