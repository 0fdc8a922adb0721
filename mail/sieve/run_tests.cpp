#include <algorithm>

#include "mail/mime/address.h"
#include "mail/mime/date.h"
#include "mail/mime/header.h"
#include "mail/sieve/body.h"
#include "mail/sieve/date_parts.h"
#include "mail/sieve/fields.h"
#include "mail/sieve/run.h"

namespace mail::sieve {

bool Run::test(const Call& call) {
  budget_.step(call.place);
  switch (call.word) {
    case Word::true_:
      return true;
    case Word::not_:
      return !test(call.tests.front());
    case Word::allof:
      return allof(call, true);
    case Word::anyof:
      return !allof(call, false);
    case Word::header:
      return test_header(call);
    case Word::address:
      return test_address(call);
    case Word::envelope:
      return test_envelope(call);
    case Word::exists:
      return test_exists(call);
    case Word::size:
      return test_size(call);
    case Word::body:
      return test_body(call);
    case Word::string:
      return test_string(call);
    case Word::hasflag:
      return test_hasflag(call);
    case Word::date:
      return test_date(call);
    case Word::currentdate:
      return test_currentdate(call);
    case Word::environment:
      return test_environment(call);
    case Word::mailboxexists:
      return test_mailboxexists(call);
    case Word::specialuse_exists:
      return test_specialuse_exists(call);
    case Word::duplicate:
      return test_duplicate(call);
    default:
      return false;
  }
}

/// Whether all tests are so; they are tried from left to right until one isn't. RFC 5229 3.2
bool Run::allof(const Call& call, bool all) {
  return std::all_of(call.tests.begin(), call.tests.end(), [&](const Call& one) { return test(one) == all; });
}

Matching Run::matching(const Call& call) { return Matching(call, variables_->expand(call.arguments.back()), budget_); }

/// Compares a value; what wildcards stand for goes into the match variables.
bool Run::matched(Matching& matching, std::string_view value) {
  if (!matching.matches(value)) return false;
  if (matching.captures()) variables_->set_matched(matching.captured());
  return true;
}

/// The fields that a test looks at, or the one of them that :index names. RFC 5260 6
std::vector<std::size_t> Run::fields(const Call& call, const std::vector<std::string>& names) {
  std::vector<std::size_t> out;
  for (const std::string& name : names) {
    budget_.spend(header_.all().size());
    const auto found = header_.named(name);
    out.insert(out.end(), found.begin(), found.end());
  }
  const Argument* index = call.option(Tag::index);
  if (index == nullptr) return out;
  if (index->number > out.size()) return {};
  const auto number = static_cast<std::size_t>(index->number);
  return {out[call.has(Tag::last) ? out.size() - number : number - 1]};
}

/// RFC 5228 5.7
bool Run::test_header(const Call& call) {
  Matching matching = this->matching(call);
  const auto found = fields(call, variables_->expand(call.arguments[0]));
  if (matching.counts()) return matching.count_is(found.size());
  return std::any_of(found.begin(), found.end(), [&](std::size_t i) {
    budget_.spend(header_.all()[i].value.size());
    return matched(matching, HeaderFields::text(header_.all()[i]));
  });
}

/// What the test looks at of an address; nothing if it has no such part. RFC 5228 2.7.4, RFC 5233 4
std::optional<std::string> Run::address_part(const Call& call, std::string_view mailbox, std::string_view host) {
  const bool whole =
      !call.has(Tag::localpart) && !call.has(Tag::domain) && !call.has(Tag::user) && !call.has(Tag::detail);
  if (whole) return host.empty() ? std::string(mailbox) : std::string(mailbox) + "@" + std::string(host);
  if (host.empty() || mailbox.empty()) return std::nullopt;
  if (call.has(Tag::domain)) return std::string(host);
  if (call.has(Tag::localpart)) return std::string(mailbox);
  const std::string& separator = setting_.separator;
  const std::size_t at = separator.empty() ? std::string_view::npos : mailbox.find(separator);
  if (call.has(Tag::user)) return std::string(mailbox.substr(0, at));
  if (at == std::string_view::npos) return std::nullopt;
  return std::string(mailbox.substr(at + separator.size()));
}

/// RFC 5228 5.1
bool Run::test_address(const Call& call) {
  Matching matching = this->matching(call);
  std::vector<std::string> names = variables_->expand(call.arguments[0]);
  std::erase_if(names, [](const std::string& name) { return !holds_addresses(name); });
  std::size_t count = 0;
  for (const std::size_t i : fields(call, names)) {
    budget_.spend(header_.all()[i].value.size());
    for (const mime::Address& one : mime::parse_addresses(mime::unfold(header_.all()[i].value))) {
      if (one.kind != mime::Address::Kind::mailbox) continue;
      ++count;
      if (matching.counts()) continue;
      const auto part = address_part(call, one.mailbox, one.host);
      if (part && matched(matching, *part)) return true;
    }
  }
  return matching.counts() && matching.count_is(count);
}

/// RFC 5228 5.4
bool Run::test_envelope(const Call& call) {
  Matching matching = this->matching(call);
  std::size_t count = 0;
  for (const std::string& name : variables_->expand(call.arguments[0])) {
    const bool from = mime::same_word(name, "from");
    if (!from && !mime::same_word(name, "to")) continue;
    const std::string& address = from ? setting_.from : setting_.to;
    count += address.empty() ? 0 : 1;
    if (matching.counts()) continue;
    // "The null reverse-path is matched against as the empty string, regardless of the ADDRESS-PART".
    const std::size_t at = address.rfind('@');
    const auto part =
        address.empty()
            ? std::optional<std::string>(address)
            : address_part(call, std::string_view(address).substr(0, at),
                           at == std::string::npos ? std::string_view() : std::string_view(address).substr(at + 1));
    if (part && matched(matching, *part)) return true;
  }
  return matching.counts() && matching.count_is(count);
}

/// RFC 5228 5.5
bool Run::test_exists(const Call& call) {
  const auto names = variables_->expand(call.arguments[0]);
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    budget_.spend(header_.all().size());
    return !header_.named(name).empty();
  });
}

/// RFC 5228 5.9
bool Run::test_size(const Call& call) {
  const std::uint64_t limit = call.arguments[0].number;
  return call.has(Tag::over) ? message_.size() > limit : message_.size() < limit;
}

/// RFC 5173 4; it leaves the match variables alone (6).
bool Run::test_body(const Call& call) {
  Matching matching = this->matching(call);
  std::size_t count = 0;
  const EachText each = [&](std::string_view text) {
    budget_.spend(text.size());
    ++count;
    return !matching.counts() && matching.matches(text);
  };
  bool found = false;
  if (call.has(Tag::raw)) {
    found = raw_body(message_, limits_.body, each);
  } else if (const Argument* types = call.option(Tag::content)) {
    found = content_body(message_, variables_->expand(*types), limits_.body, each);
  } else {
    found = text_body(message_, limits_.body, each);
  }
  return found || (matching.counts() && matching.count_is(count));
}

/// RFC 5229 5
bool Run::test_string(const Call& call) {
  Matching matching = this->matching(call);
  const auto sources = variables_->expand(call.arguments[0]);
  if (matching.counts()) {
    const auto count = std::count_if(sources.begin(), sources.end(), [](const auto& one) { return !one.empty(); });
    return matching.count_is(static_cast<std::size_t>(count));
  }
  return std::any_of(sources.begin(), sources.end(), [&](const auto& one) { return matched(matching, one); });
}

/// RFC 5232 4
bool Run::test_hasflag(const Call& call) {
  std::vector<std::string> values;
  if (call.arguments.size() == 1) {
    values = flags_;
  } else {
    for (const std::string& name : call.arguments[0].texts) {
      for (std::string& one : read_flags({variables_->value(name)})) values.push_back(std::move(one));
    }
  }
  // "A string containing a space-separated list of flag names is equivalent to a string list" (2).
  std::vector<std::string> keys;
  for (const std::string& text : variables_->expand(call.arguments.back())) {
    for (std::size_t at = text.find_first_not_of(' '); at != std::string::npos; at = text.find_first_not_of(' ', at)) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      keys.push_back(text.substr(at, end - at));
      at = end;
    }
  }
  Matching matching(call, std::move(keys), budget_);
  if (matching.counts()) return matching.count_is(values.size());
  return std::any_of(values.begin(), values.end(), [&](const auto& one) { return matched(matching, one); });
}

/// RFC 5260 4
bool Run::test_date(const Call& call) {
  Matching matching = this->matching(call);
  const auto found = fields(call, {text(call.arguments[0])});
  std::optional<mime::Date> date;
  if (!found.empty()) {
    const std::string value = mime::unfold(header_.all()[found.front()].value);
    budget_.spend(value.size());
    date = value.find(';') == std::string::npos ? mime::parse_date(value) : mime::parse_trace_date(value);
  }
  if (matching.counts()) return matching.count_is(date ? 1 : 0);
  if (!date) return false;
  int zone = setting_.zone;
  if (call.has(Tag::originalzone)) zone = date->offset_minutes;
  if (const Argument* named = call.option(Tag::zone); named != nullptr && !read_zone(text(*named), zone)) return false;
  const auto part = date_part(text(call.arguments[1]), date->seconds, zone);
  return part && matched(matching, *part);
}

/// RFC 5260 5
bool Run::test_currentdate(const Call& call) {
  Matching matching = this->matching(call);
  if (matching.counts()) return matching.count_is(1);
  int zone = setting_.zone;
  if (const Argument* named = call.option(Tag::zone); named != nullptr && !read_zone(text(*named), zone)) return false;
  const auto part = date_part(text(call.arguments[0]), setting_.now, zone);
  return part && matched(matching, *part);
}

/// RFC 5183 4
bool Run::test_environment(const Call& call) {
  Matching matching = this->matching(call);
  const auto value = host_.environment(mime::lower_case(text(call.arguments[0])));
  if (!value) return false;
  return matching.counts() ? matching.count_is(value->empty() ? 0 : 1) : matched(matching, *value);
}

/// RFC 5490 3.1
bool Run::test_mailboxexists(const Call& call) {
  const auto names = variables_->expand(call.arguments[0]);
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    budget_.step(call.place);
    return host_.mailbox_exists(name);
  });
}

/// RFC 8579 3
bool Run::test_specialuse_exists(const Call& call) {
  const auto uses = variables_->expand(call.arguments.back());
  if (call.arguments.size() == 1) {
    return std::all_of(uses.begin(), uses.end(), [&](const std::string& use) {
      budget_.step(call.place);
      return host_.mailbox_with(use).has_value();
    });
  }
  const std::string mailbox = text(call.arguments[0]);
  return host_.mailbox_exists(mailbox) && std::all_of(uses.begin(), uses.end(), [&](const std::string& use) {
           budget_.step(call.place);
           return host_.has_special_use(mailbox, use);
         });
}

/// RFC 7352 3
bool Run::test_duplicate(const Call& call) {
  constexpr std::int64_t week = 7 * 86400;
  std::optional<std::string> id;
  if (const Argument* given = call.option(Tag::uniqueid)) {
    id = text(*given);
  } else {
    const Argument* named = call.option(Tag::header);
    id = header_.first(named == nullptr ? "Message-ID" : text(*named));
  }
  const Argument* seconds = call.option(Tag::seconds);
  if (!id || (seconds != nullptr && seconds->number == 0)) return false;
  const Argument* handle = call.option(Tag::handle);
  const std::string key = (handle == nullptr ? std::string("-") : "+" + text(*handle)) + '\0' + *id;
  const bool before = host_.was_seen(key);
  if (!before || call.has(Tag::last)) {
    Seen seen{key, week};
    if (seconds != nullptr) {
      seen.seconds = static_cast<std::int64_t>(
          std::min<std::uint64_t>(seconds->number, static_cast<std::uint64_t>(limits_.duplicate_seconds)));
    }
    std::erase_if(outcome_.seen, [&](const Seen& one) { return one.key == key; });
    if (outcome_.seen.size() >= limits_.actions) throw ScriptError(call.place, "too many duplicates are looked for");
    outcome_.seen.push_back(std::move(seen));
  }
  return before;
}

}  // namespace mail::sieve
