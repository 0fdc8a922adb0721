#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dav/contacts/card.h"

namespace dav::contacts {

/// A day of a card that comes again every year.
struct YearlyDate {
  enum class Kind { birthday, anniversary, other };
  Kind kind = Kind::birthday;
  std::string label;        ///< of `other`: what the card calls it
  std::optional<int> year;  ///< nothing where the card leaves it out
  int month = 1;
  int day = 1;

  bool operator==(const YearlyDate&) const = default;
};

/// The days that a card names: BDAY (RFC 6350 6.2.5), ANNIVERSARY (6.2.6) and what programs wrote before there was that
/// (X-ANNIVERSARY, X-EVOLUTION-ANNIVERSARY, X-KADDRESSBOOK-X-Anniversary), and Apple's X-ABDATE with its X-ABLabel. In
/// order, each once, at most 20. A year may be missing (--0415), or be 1604 or what X-APPLE-OMIT-YEAR says, which means
/// the same. Left out is what names no day: text, a year or month alone, other calendars than Gregory's.
std::vector<YearlyDate> yearly_dates(const Card& card);

/// A calendar with one event, all day long, every year from that day on, for which nobody is busy. One that falls on 29
/// February is on the last day of that month. Without a year it starts in 1972, one before 1900 in 1900. `who` is a
/// name as people read it. The same arguments make the same octets.
std::string yearly_event(const YearlyDate& date, std::string_view who, std::string_view uid);

/// The name that a card is known by: FN.
std::string full_name(const Card& card);

}  // namespace dav::contacts
