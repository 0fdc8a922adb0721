#include <algorithm>

#include "mail/mime/address.h"
#include "mail/mime/charset.h"
#include "mail/mime/header.h"
#include "mail/sieve/fields.h"
#include "mail/sieve/run.h"

namespace mail::sieve {

namespace {

/// Whether a word can be a flag that is kept: a system flag but \Recent, or a keyword. RFC 5232 2, RFC 9051 9
bool is_flag(std::string_view word) {
  static constexpr std::string_view system[] = {"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"};
  if (word.starts_with('\\')) {
    return std::any_of(std::begin(system), std::end(system), [&](auto one) { return mime::same_word(one, word); });
  }
  return word.size() <= 255 && std::all_of(word.begin(), word.end(), [](char c) {
           return c > ' ' && c < '\x7f' && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
         });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& one : words) out += (out.empty() ? "" : " ") + one;
  return out;
}

char other_case(char c, bool to_upper) {
  if (to_upper) return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool same_target(const Action& one, const Action& other) {
  if (one.kind == Action::Kind::redirect || other.kind == Action::Kind::redirect) {
    return one.kind == other.kind && mime::same_word(one.target, other.target);
  }
  const auto is_inbox = [](const Action& action) {
    return action.kind == Action::Kind::keep || mime::same_word(action.target, "INBOX");
  };
  return is_inbox(one) || is_inbox(other) ? is_inbox(one) && is_inbox(other) : one.target == other.target;
}

bool files(const Action& action) { return action.kind == Action::Kind::keep || action.kind == Action::Kind::fileinto; }

}  // namespace

std::vector<std::string> read_flags(const std::vector<std::string>& texts) {
  constexpr std::size_t most = 100;
  std::vector<std::string> out;
  for (const std::string& text : texts) {
    for (std::size_t at = text.find_first_not_of(' '); at != std::string::npos; at = text.find_first_not_of(' ', at)) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      const std::string word = text.substr(at, end - at);
      const bool known =
          std::any_of(out.begin(), out.end(), [&](const auto& one) { return mime::same_word(one, word); });
      if (!known && is_flag(word) && out.size() < most) out.push_back(word);
      at = end;
    }
  }
  return out;
}

void Run::act(const Call& call) {
  switch (call.word) {
    case Word::keep:
      return keep(&call, call.place);
    case Word::discard:
      implicit_keep_ = false;
      return;
    case Word::fileinto:
      return fileinto(call);
    case Word::redirect:
      return redirect(call);
    case Word::reject:
    case Word::ereject:
      return reject(call);
    case Word::vacation:
      return vacation(call);
    case Word::set:
      return set(call);
    case Word::setflag:
    case Word::addflag:
    case Word::removeflag:
      return change_flags(call);
    case Word::addheader:
      return addheader(call);
    case Word::deleteheader:
      return deleteheader(call);
    default:
      return;
  }
}

/// Adds an action to what is to be done. RFC 5228 2.10.4, RFC 5429 2.4
Action& Run::add(Action::Kind kind, Place place) {
  const auto refuses = [](const Action& one) {
    return one.kind == Action::Kind::reject || one.kind == Action::Kind::ereject;
  };
  Action action;
  action.kind = kind;
  action.place = place;
  const bool any = std::any_of(outcome_.actions.begin(), outcome_.actions.end(), refuses);
  if (any || (refuses(action) && (!outcome_.actions.empty() || answered_))) {
    throw ScriptError(place, "a message can't be refused and something else be done with it, too");
  }
  if (outcome_.actions.size() >= limits_.actions) throw ScriptError(place, "there are too many actions");
  outcome_.actions.push_back(std::move(action));
  return outcome_.actions.back();
}

/// RFC 5228 4.3
void Run::keep(const Call* call, Place place) {
  Action action;
  action.place = place;
  action.flags = flags(call);
  implicit_keep_ = false;
  file(std::move(action));
}

/// RFC 5228 4.1, RFC 5490 3.2, RFC 8579 4
void Run::fileinto(const Call& call) {
  Action action;
  action.kind = Action::Kind::fileinto;
  action.place = call.place;
  action.target = text(call.arguments[0]);
  if (action.target.empty() || !mime::is_utf8(action.target)) {
    throw ScriptError(call.place, shown(action.target) + " is no name of a mailbox");
  }
  if (const Argument* named = call.option(Tag::specialuse)) {
    const std::string use = text(*named);
    if (!host_.has_special_use(action.target, use)) {
      if (const auto other = host_.mailbox_with(use)) {
        action.target = *other;
      } else {
        action.special_use = use;
      }
    }
  }
  action.create = call.has(Tag::create);
  action.flags = flags(&call);
  // RFC 3894: with ":copy" the implicit keep stays.
  if (!call.has(Tag::copy)) implicit_keep_ = false;
  file(std::move(action));
}

/// A mailbox gets a message once; what is said last of its flags is so. RFC 5228 2.10.3, RFC 5232 3
void Run::file(Action action) {
  action.header = header_.changed();
  for (Action& one : outcome_.actions) {
    if (!files(one) || !same_target(one, action)) continue;
    one.flags = std::move(action.flags);
    one.create = one.create || action.create;
    return;
  }
  Action& added = add(action.kind, action.place);
  added = std::move(action);
}

/// RFC 5228 4.2
void Run::redirect(const Call& call) {
  const std::string given = text(call.arguments[0]);
  const mime::Address address = single_address(given);
  if (address.host.empty()) throw ScriptError(call.place, shown(given) + " is no address");
  if (!call.has(Tag::copy)) implicit_keep_ = false;
  Action action;
  action.kind = Action::Kind::redirect;
  action.place = call.place;
  action.target = mime::address_text(address);
  action.header = header_.changed();
  for (const Action& one : outcome_.actions) {
    if (one.kind == Action::Kind::redirect && same_target(one, action)) return;
  }
  if (++redirects_ > limits_.redirects) throw ScriptError(call.place, "there are too many redirects");
  Action& added = add(action.kind, action.place);
  added = std::move(action);
}

/// RFC 5429 2
void Run::reject(const Call& call) {
  const Action::Kind kind = call.word == Word::reject ? Action::Kind::reject : Action::Kind::ereject;
  Action& added = add(kind, call.place);
  added.reason = text(call.arguments[0]);
  implicit_keep_ = false;
}

/// RFC 5229 4
void Run::set(const Call& call) {
  std::string value = text(call.arguments[1]);
  if (call.has(Tag::lower) || call.has(Tag::upper)) {
    const bool up = call.has(Tag::upper);
    std::transform(value.begin(), value.end(), value.begin(), [&](char c) { return other_case(c, up); });
  }
  if (!value.empty() && (call.has(Tag::lowerfirst) || call.has(Tag::upperfirst))) {
    value[0] = other_case(value[0], call.has(Tag::upperfirst));
  }
  if (call.has(Tag::quotewildcard)) {
    std::string quoted;
    for (const char c : value) {
      if (c == '*' || c == '?' || c == '\\') quoted += '\\';
      quoted += c;
    }
    value = std::move(quoted);
    // What is cut off must not leave half of a quoting.
    if (value.size() > limits_.variable) {
      value = cut(std::move(value), limits_.variable);
      const std::size_t plain = value.find_last_not_of('\\');
      const std::size_t slashes = value.size() - (plain == std::string::npos ? 0 : plain + 1);
      if (slashes % 2 == 1) value.pop_back();
    }
  }
  if (call.has(Tag::length)) value = std::to_string(characters(value));
  variables_->set(call.arguments[0].text(), std::move(value));
}

/// RFC 5232 3.1 to 3.3
void Run::change_flags(const Call& call) {
  const bool internal = call.arguments.size() == 1;
  const std::string name = internal ? std::string() : call.arguments[0].text();
  std::vector<std::string> now;
  if (call.word != Word::setflag) now = internal ? flags_ : read_flags({variables_->value(name)});
  std::vector<std::string> given = variables_->expand(call.arguments.back());
  if (call.word == Word::removeflag) {
    const auto gone = read_flags(given);
    std::erase_if(now, [&](const std::string& one) {
      return std::any_of(gone.begin(), gone.end(), [&](const auto& flag) { return mime::same_word(flag, one); });
    });
  } else {
    now.insert(now.end(), given.begin(), given.end());
    now = read_flags(now);
  }
  if (internal) {
    flags_ = std::move(now);
  } else {
    variables_->set(name, joined(now));
  }
}

/// What a message is filed with: what :flags says, or the internal variable. RFC 5232 5
std::vector<std::string> Run::flags(const Call* call) {
  const Argument* given = call == nullptr ? nullptr : call->option(Tag::flags);
  return given == nullptr ? flags_ : read_flags(variables_->expand(*given));
}

/// RFC 5293 4
void Run::addheader(const Call& call) {
  constexpr std::size_t most_value = 8 * 1024;
  constexpr std::size_t most_fields = 10'000;
  const std::string name = text(call.arguments[0]);
  const std::string value = text(call.arguments[1]);
  if (!is_field_name(name)) throw ScriptError(call.place, shown(name) + " is no name of a header field");
  if (!mime::is_utf8(value)) throw ScriptError(call.place, "the value of a header field is UTF-8");
  if (value.size() > most_value) throw ScriptError(call.place, "the value of a header field is too long");
  if (header_is_cut_ || header_.all().size() >= most_fields) {
    throw ScriptError(call.place, "this message's header is too large to be changed");
  }
  budget_.spend(header_.all().size() + value.size());
  header_.add(name, value, call.has(Tag::last));
}

/// RFC 5293 5
void Run::deleteheader(const Call& call) {
  const std::string name = text(call.arguments[0]);
  if (!is_field_name(name)) throw ScriptError(call.place, shown(name) + " is no name of a header field");
  // RFC 5293 6: of these no script may take anything away.
  if (mime::same_word(name, "Received") || mime::same_word(name, "Auto-Submitted")) return;
  if (header_is_cut_) throw ScriptError(call.place, "this message's header is too large to be changed");
  std::vector<std::size_t> gone = fields(call, {name});
  if (call.arguments.size() > 1) {
    Matching matching = this->matching(call);
    if (matching.counts()) {
      if (!matching.count_is(gone.size())) gone.clear();
    } else {
      std::erase_if(gone, [&](std::size_t i) { return !matching.matches(HeaderFields::text(header_.all()[i])); });
    }
  }
  std::sort(gone.rbegin(), gone.rend());
  for (const std::size_t i : gone) {
    budget_.spend(header_.all().size());
    header_.remove(i);
  }
}

/// RFC 5228 2.10.2
void Run::finish() {
  if (implicit_keep_) {
    Action action;
    action.flags = flags_;
    file(std::move(action));
  }
}

}  // namespace mail::sieve
