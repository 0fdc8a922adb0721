#include "mail/sieve/words.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace mail::sieve {

namespace {

constexpr Tags setting = bit(Tag::lower) | bit(Tag::upper) | bit(Tag::lowerfirst) | bit(Tag::upperfirst) |
                         bit(Tag::quotewildcard) | bit(Tag::length);
constexpr Tags filing = bit(Tag::copy) | bit(Tag::create) | bit(Tag::flags) | bit(Tag::specialuse);
constexpr Tags answering = bit(Tag::days) | bit(Tag::seconds) | bit(Tag::subject) | bit(Tag::from) |
                           bit(Tag::addresses) | bit(Tag::mime) | bit(Tag::handle);
constexpr Tags including = bit(Tag::personal) | bit(Tag::global) | bit(Tag::once) | bit(Tag::optional);
constexpr Tags transforms = bit(Tag::raw) | bit(Tag::content) | bit(Tag::text);
constexpr Tags tracking = bit(Tag::header) | bit(Tag::uniqueid) | bit(Tag::handle) | bit(Tag::seconds) | bit(Tag::last);

constexpr std::array words = {
    // RFC 5228 3
    WordRow{"if", Word::if_, "", "", 0, 0, Tests::one, true},
    WordRow{"elsif", Word::elsif, "", "", 0, 0, Tests::one, true},
    WordRow{"else", Word::else_, "", "", 0, 0, Tests::none, true},
    WordRow{"require", Word::require, "", "l"},
    WordRow{"stop", Word::stop, "", ""},
    // RFC 5228 4, RFC 3894, RFC 5232 5, RFC 5490 3.2, RFC 8579 4
    WordRow{"keep", Word::keep, "", "", bit(Tag::flags)},
    WordRow{"discard", Word::discard, "", ""},
    WordRow{"redirect", Word::redirect, "", "s", bit(Tag::copy)},
    WordRow{"fileinto", Word::fileinto, "fileinto", "s", filing},
    // RFC 5429 2
    WordRow{"reject", Word::reject, "reject", "s"},
    WordRow{"ereject", Word::ereject, "ereject", "s"},
    // RFC 5230 4, RFC 6131 2
    WordRow{"vacation", Word::vacation, "vacation", "s", answering},
    // RFC 5229 4
    WordRow{"set", Word::set, "variables", "ss", setting},
    // RFC 5232 3
    WordRow{"setflag", Word::setflag, "imap4flags", "?sl"},
    WordRow{"addflag", Word::addflag, "imap4flags", "?sl"},
    WordRow{"removeflag", Word::removeflag, "imap4flags", "?sl"},
    // RFC 5293 4, 5
    WordRow{"addheader", Word::addheader, "editheader", "ss", bit(Tag::last), bit(Tag::last)},
    WordRow{"deleteheader", Word::deleteheader, "editheader", "s?l", matching | indexing, indexing},
    // RFC 6609 3
    WordRow{"include", Word::include, "include", "s", including},
    WordRow{"return", Word::return_, "include", ""},
    WordRow{"global", Word::global, "include", "l"},
    // RFC 5228 5, RFC 5231, RFC 5233, RFC 5260 6
    WordRow{"address", Word::address, "", "ll", matching | address_parts | indexing},
    WordRow{"allof", Word::allof, "", "", 0, 0, Tests::list},
    WordRow{"anyof", Word::anyof, "", "", 0, 0, Tests::list},
    WordRow{"envelope", Word::envelope, "envelope", "ll", matching | address_parts},
    WordRow{"exists", Word::exists, "", "l"},
    WordRow{"false", Word::false_, "", ""},
    WordRow{"header", Word::header, "", "ll", matching | indexing},
    WordRow{"not", Word::not_, "", "", 0, 0, Tests::one},
    WordRow{"size", Word::size, "", "n", bit(Tag::over) | bit(Tag::under)},
    WordRow{"true", Word::true_, "", ""},
    // RFC 5173 4
    WordRow{"body", Word::body, "body", "l", matching | transforms},
    // RFC 5229 5
    WordRow{"string", Word::string, "variables", "ll", matching},
    // RFC 5232 4
    WordRow{"hasflag", Word::hasflag, "imap4flags", "?ll", matching},
    // RFC 5260 4, 5
    WordRow{"date", Word::date, "date", "ssl", matching | indexing | bit(Tag::zone) | bit(Tag::originalzone)},
    WordRow{"currentdate", Word::currentdate, "date", "sl", matching | bit(Tag::zone)},
    // RFC 5183 4
    WordRow{"environment", Word::environment, "environment", "sl", matching},
    // RFC 5490 3.1
    WordRow{"mailboxexists", Word::mailboxexists, "mailbox", "l"},
    // RFC 8579 3
    WordRow{"specialuse_exists", Word::specialuse_exists, "special-use", "?sl"},
    // RFC 7352 3
    WordRow{"duplicate", Word::duplicate, "duplicate", "", tracking, tracking},
};

// In the order of Tag.
constexpr std::array tags = {
    TagRow{"is", Tag::is, ""},
    TagRow{"contains", Tag::contains, ""},
    TagRow{"matches", Tag::matches, ""},
    TagRow{"count", Tag::count, "relational", 's'},
    TagRow{"value", Tag::value, "relational", 's'},
    TagRow{"comparator", Tag::comparator, "", 's'},
    TagRow{"localpart", Tag::localpart, ""},
    TagRow{"domain", Tag::domain, ""},
    TagRow{"all", Tag::all, ""},
    TagRow{"user", Tag::user, "subaddress"},
    TagRow{"detail", Tag::detail, "subaddress"},
    TagRow{"index", Tag::index, "index", 'n'},
    TagRow{"last", Tag::last, "index"},
    TagRow{"over", Tag::over, ""},
    TagRow{"under", Tag::under, ""},
    TagRow{"copy", Tag::copy, "copy"},
    TagRow{"create", Tag::create, "mailbox"},
    TagRow{"flags", Tag::flags, "imap4flags", 'l'},
    TagRow{"specialuse", Tag::specialuse, "special-use", 's'},
    TagRow{"days", Tag::days, "", 'n'},
    TagRow{"seconds", Tag::seconds, "vacation-seconds", 'n'},
    TagRow{"subject", Tag::subject, "", 's'},
    TagRow{"from", Tag::from, "", 's'},
    TagRow{"addresses", Tag::addresses, "", 'l'},
    TagRow{"mime", Tag::mime, ""},
    TagRow{"handle", Tag::handle, "", 's'},
    TagRow{"raw", Tag::raw, ""},
    TagRow{"content", Tag::content, "", 'l'},
    TagRow{"text", Tag::text, ""},
    TagRow{"zone", Tag::zone, "", 's'},
    TagRow{"originalzone", Tag::originalzone, ""},
    TagRow{"lower", Tag::lower, ""},
    TagRow{"upper", Tag::upper, ""},
    TagRow{"lowerfirst", Tag::lowerfirst, ""},
    TagRow{"upperfirst", Tag::upperfirst, ""},
    TagRow{"quotewildcard", Tag::quotewildcard, ""},
    TagRow{"length", Tag::length, ""},
    TagRow{"personal", Tag::personal, ""},
    TagRow{"global", Tag::global, ""},
    TagRow{"once", Tag::once, ""},
    TagRow{"optional", Tag::optional, ""},
    TagRow{"header", Tag::header, "", 's'},
    TagRow{"uniqueid", Tag::uniqueid, "", 's'},
};
static_assert(tags.size() == static_cast<std::size_t>(Tag::uniqueid) + 1);
static_assert(words.size() == static_cast<std::size_t>(Word::duplicate) + 1);

constexpr std::array exclusive = {
    match_types,
    address_parts,
    bit(Tag::over) | bit(Tag::under),
    transforms,
    bit(Tag::zone) | bit(Tag::originalzone),
    bit(Tag::lower) | bit(Tag::upper),
    bit(Tag::lowerfirst) | bit(Tag::upperfirst),
    bit(Tag::personal) | bit(Tag::global),
    bit(Tag::days) | bit(Tag::seconds),
    bit(Tag::header) | bit(Tag::uniqueid),
};

}  // namespace

const WordRow* find_word(std::string_view name) {
  const auto* found = std::find_if(words.begin(), words.end(), [&](const WordRow& row) { return row.name == name; });
  return found == words.end() ? nullptr : &*found;
}

const WordRow& row_of(Word word) { return words.at(static_cast<std::size_t>(word)); }

const TagRow* find_tag(std::string_view name) {
  const auto* found = std::find_if(tags.begin(), tags.end(), [&](const TagRow& row) { return row.name == name; });
  return found == tags.end() ? nullptr : &*found;
}

std::string_view name_of(Tag tag) { return tags.at(static_cast<std::size_t>(tag)).name; }

std::span<const Tags> exclusive_tags() { return exclusive; }

const std::vector<std::string_view>& extensions() {
  static const std::vector<std::string_view> all = {"fileinto",
                                                    "reject",
                                                    "ereject",
                                                    "envelope",
                                                    "encoded-character",
                                                    "comparator-i;octet",
                                                    "comparator-i;ascii-casemap",
                                                    "comparator-i;ascii-numeric",
                                                    "comparator-i;unicode-casemap",
                                                    "body",
                                                    "copy",
                                                    "date",
                                                    "duplicate",
                                                    "editheader",
                                                    "environment",
                                                    "imap4flags",
                                                    "include",
                                                    "index",
                                                    "mailbox",
                                                    "relational",
                                                    "special-use",
                                                    "subaddress",
                                                    "vacation",
                                                    "vacation-seconds",
                                                    "variables"};
  return all;
}

}  // namespace mail::sieve
