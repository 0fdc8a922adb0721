#include "mail/imap/search/match.h"

#include <algorithm>
#include <limits>

#include "mail/imap/grammar/date.h"
#include "mail/imap/grammar/flags.h"
#include "mail/mime/encoded_word.h"
#include "mail/mime/header.h"

namespace mail::imap {

namespace {

using Kind = SearchKey::Kind;
using storage::SearchIn;

constexpr std::int64_t first_day = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t last_day = std::numeric_limits<std::int32_t>::max();

/// What has to be known of a message for a condition that isn't made of others.
Need need_of(Kind kind) {
  switch (kind) {
    case Kind::before:
    case Kind::on:
    case Kind::since:
    case Kind::saved_before:
    case Kind::saved_on:
    case Kind::saved_since:
    case Kind::larger:
    case Kind::smaller:
    case Kind::older:
    case Kind::younger:
    case Kind::email_id:
    case Kind::thread_id:
      return Need::row;
    case Kind::sent_before:
    case Kind::sent_on:
    case Kind::sent_since:
      return Need::keys;
    case Kind::header:
    case Kind::subject:
    case Kind::from:
    case Kind::to:
    case Kind::cc:
    case Kind::bcc:
      return Need::header;
    case Kind::body:
    case Kind::anywhere:
      return Need::text;
    default:
      return Need::nothing;
  }
}

Truth truth(bool yes) { return yes ? Truth::yes : Truth::no; }

bool within(std::int64_t value, std::int64_t begin, std::int64_t end) { return begin <= value && value <= end; }

bool holds(std::string_view text, std::string_view wanted) {
  return wanted.empty() || mime::collation_key(text).find(wanted) != std::string::npos;
}

/// Whether a field of that name has the text in its value; one is enough. With an empty text, whether there is one.
/// RFC 9051 6.4.4
bool header_holds(std::string_view header, std::string_view name, std::string_view wanted) {
  for (const std::string& value : mime::all_values(header, name)) {
    if (holds(mime::decode_words(value), wanted)) return true;
  }
  return false;
}

struct Field {
  Kind kind;
  std::string_view name;
  SearchIn where;
};
constexpr Field fields[] = {
    {Kind::subject, "Subject", SearchIn::subject},
    {Kind::from, "From", SearchIn::from},
    {Kind::to, "To", SearchIn::to},
    {Kind::cc, "Cc", SearchIn::to},
    {Kind::bcc, "Bcc", SearchIn::to},
};

std::uint32_t star_of(const SearchKey& key, const SearchContext& context) {
  return key.kind == Kind::uids ? context.last_uid : context.last_number;
}

}  // namespace

std::string email_id_text(storage::Id email) { return "M" + std::to_string(email); }

std::string thread_id_text(storage::Id thread) { return "T" + std::to_string(thread); }

Search::Search(const SearchProgram& program, const SearchContext& context) {
  root_ = prepare(program.key, context);
  candidates_.resize(questions_.size());
}

void Search::set_candidates(std::size_t question, const std::vector<storage::Uid>& uids) {
  candidates_[question] = NumberSet::of(uids);
}

Search::Node Search::prepare(const SearchKey& key, const SearchContext& context) {
  Node node;
  node.kind = key.kind;
  for (const SearchKey& each : key.keys) node.nodes.push_back(prepare(each, context));
  if (key.kind == Kind::all_of || key.kind == Kind::any_of || key.kind == Kind::none_of) {
    std::stable_sort(node.nodes.begin(), node.nodes.end(),
                     [](const Node& one, const Node& other) { return one.needs < other.needs; });
    for (const Node& each : node.nodes) node.needs = std::max(node.needs, each.needs);
  } else {
    node.needs = need_of(key.kind);
    prepare_leaf(node, key, context);
  }
  return node;
}

void Search::ask(Node& node, SearchIn where, const std::string& text) {
  node.text = mime::collation_key(text);
  if (text.empty()) return;
  node.question = questions_.size();
  questions_.push_back({where, node.text});
}

void Search::prepare_leaf(Node& node, const SearchKey& key, const SearchContext& context) {
  node.flag = key.flag;
  node.wanted = key.wanted;
  node.number = key.number;
  node.name = key.name;
  node.text = key.text;
  node.begin = first_day;
  node.end = last_day;
  switch (key.kind) {
    case Kind::sequence:
    case Kind::uids:
      // "it MUST NOT be considered an error if the search terms include a range of message numbers that extends …
      // beyond the end of the mailbox". RFC 7377 2. In an empty mailbox `*` is nothing.
      node.set = key.set.resolved(star_of(key, context));
      if (key.set.saved) node.saved = context.saved;
      break;
    case Kind::before:
    case Kind::saved_before:
    case Kind::sent_before:
      node.end = std::int64_t{key.day} - 1;
      break;
    case Kind::on:
    case Kind::saved_on:
    case Kind::sent_on:
      node.begin = node.end = key.day;
      break;
    case Kind::since:
    case Kind::saved_since:
    case Kind::sent_since:
      node.begin = key.day;
      break;
    case Kind::older:
    case Kind::younger:
      // "YOUNGER: Messages whose internal date is within the last <interval>"; an interval is at most 2^63. RFC 5032 2
      node.end = context.now - static_cast<std::int64_t>(std::min<std::uint64_t>(key.number, std::uint64_t{1} << 40));
      break;
    case Kind::header:
      node.text = mime::collation_key(key.text);
      for (const Field& field : fields) {
        if (mime::same_word(field.name, key.name)) return ask(node, field.where, key.text);
      }
      ask(node, SearchIn::headers, key.text);
      break;
    case Kind::body:
      ask(node, SearchIn::body, key.text);
      break;
    case Kind::anywhere:
      ask(node, SearchIn::anywhere, key.text);
      break;
    default:
      for (const Field& field : fields) {
        if (field.kind == key.kind) ask(node, field.where, key.text);
        if (field.kind == key.kind) node.name = field.name;
      }
      break;
  }
}

Truth Search::judge(const Known& message) const {
  Need missing = Need::nothing;
  return judge(root_, message, missing);
}

Need Search::need(const Known& message) const {
  Need missing = Need::nothing;
  return judge(root_, message, missing) == Truth::unknown ? missing : Need::nothing;
}

Truth Search::judge(const Node& node, const Known& message, Need& missing) const {
  // Each of the three is decided by the first that says so.
  const bool is_list = node.kind == Kind::all_of || node.kind == Kind::any_of || node.kind == Kind::none_of;
  if (is_list) {
    const Truth deciding = node.kind == Kind::any_of ? Truth::yes : Truth::no;
    Truth whole = deciding == Truth::yes ? Truth::no : Truth::yes;
    for (const Node& each : node.nodes) {
      Truth one = judge(each, message, missing);
      if (node.kind == Kind::none_of && one != Truth::unknown) one = truth(one == Truth::no);
      if (one == deciding) return one;
      if (one == Truth::unknown) whole = Truth::unknown;
    }
    return whole;
  }
  switch (node.kind) {
    case Kind::sequence:
      return truth(node.set.contains(message.number) || (node.saved && node.saved->contains(message.uid)));
    case Kind::uids:
      return truth(node.set.contains(message.uid) || (node.saved && node.saved->contains(message.uid)));
    case Kind::modseq:
      return truth(static_cast<std::uint64_t>(std::max<storage::Modseq>(message.modseq, 0)) >= node.number);
    case Kind::flag:
      return truth(((message.flags & node.flag) != 0) == node.wanted);
    case Kind::keyword:
      return truth(has_keyword(message.keywords, node.text) == node.wanted);
    case Kind::recent:
      return truth(message.recent == node.wanted);
    default:
      return judge_text(node, message, missing);
  }
}

Truth Search::judge_text(const Node& node, const Known& message, Need& missing) const {
  if (node.question) {
    const auto& candidates = candidates_[*node.question];
    if (candidates && !candidates->contains(message.uid)) return Truth::no;
  }
  const bool known = (node.needs == Need::row && message.row) || (node.needs == Need::keys && message.keys) ||
                     (node.needs == Need::header && message.header) || (node.needs == Need::text && message.text);
  if (!known || ((node.kind == Kind::sent_before || node.kind == Kind::sent_on || node.kind == Kind::sent_since) &&
                 !message.row)) {
    if (missing == Need::nothing || node.needs < missing) missing = node.needs;
    return Truth::unknown;
  }
  const storage::Message* row = message.row;
  switch (node.kind) {
    // "disregarding time and timezone": the day that the internal date shows. RFC 9051 6.4.4
    case Kind::before:
    case Kind::on:
    case Kind::since:
      return truth(within(day_of(row->internal_date, row->internal_zone), node.begin, node.end));
    case Kind::saved_before:
    case Kind::saved_on:
    case Kind::saved_since:
      return truth(within(day_of(row->saved, 0), node.begin, node.end));
    case Kind::larger:
      return truth(static_cast<std::uint64_t>(std::max<std::int64_t>(row->size, 0)) > node.number);
    case Kind::smaller:
      return truth(static_cast<std::uint64_t>(std::max<std::int64_t>(row->size, 0)) < node.number);
    case Kind::older:
      return truth(row->internal_date <= node.end);
    case Kind::younger:
      return truth(row->internal_date >= node.end);
    case Kind::email_id:
      return truth(email_id_text(row->email) == node.text);
    case Kind::thread_id:
      return truth(thread_id_text(row->thread) == node.text);
    case Kind::sent_before:
    case Kind::sent_on:
    case Kind::sent_since: {
      // What has no date was sent when it came. RFC 5256 2.2
      const std::int64_t day = message.keys->sent_day.value_or(day_of(row->internal_date, row->internal_zone));
      return truth(within(day, node.begin, node.end));
    }
    case Kind::body:
      return truth(holds(message.text->body, node.text));
    case Kind::anywhere: {
      const mime::SearchText& text = *message.text;
      return truth(holds(text.subject, node.text) || holds(text.from, node.text) || holds(text.to, node.text) ||
                   holds(text.headers, node.text) || holds(text.attachments, node.text) || holds(text.body, node.text));
    }
    default:
      return truth(header_holds(*message.header, node.name, node.text));
  }
}

}  // namespace mail::imap
