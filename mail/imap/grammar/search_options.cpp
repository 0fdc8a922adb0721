#include "mail/imap/grammar/search_options.h"

#include <algorithm>

#include "mail/imap/grammar/mailbox_name.h"

namespace mail::imap {

namespace {

struct ReturnWord {
  std::string_view name;
  bool SearchReturn::*set;
};
constexpr ReturnWord return_words[] = {
    // RFC 9051 6.4.4
    {"MIN", &SearchReturn::min},
    {"MAX", &SearchReturn::max},
    {"ALL", &SearchReturn::all},
    {"COUNT", &SearchReturn::count},
    {"SAVE", &SearchReturn::save},
    // RFC 6203 4
    {"RELEVANCY", &SearchReturn::relevancy},
    // RFC 5267 4
    {"CONTEXT", &SearchReturn::context},
    {"UPDATE", &SearchReturn::update},
};

struct SortWord {
  std::string_view name;
  SortBy by;
};
constexpr SortWord sort_words[] = {
    // RFC 5256 3
    {"ARRIVAL", SortBy::arrival},
    {"CC", SortBy::cc},
    {"DATE", SortBy::date},
    {"FROM", SortBy::from},
    {"SIZE", SortBy::size},
    {"SUBJECT", SortBy::subject},
    {"TO", SortBy::to},
    // RFC 5957 4
    {"DISPLAYFROM", SortBy::display_from},
    {"DISPLAYTO", SortBy::display_to},
    // RFC 6203 5
    {"RELEVANCY", SortBy::relevancy},
};
constexpr std::size_t most_criteria = 50;

struct ThreadWord {
  std::string_view name;
  ThreadBy by;
};
constexpr ThreadWord thread_words[] = {
    {"ORDEREDSUBJECT", ThreadBy::ordered_subject},
    {"REFERENCES", ThreadBy::references},
    {"REFS", ThreadBy::refs},
};

using Which = MailboxFilter::Which;
struct FilterWord {
  std::string_view name;
  Which which;
  bool names = false;
};
constexpr FilterWord filter_words[] = {
    // RFC 5465 8
    {"SELECTED", Which::selected},
    {"SELECTED-DELAYED", Which::selected_delayed},
    {"INBOXES", Which::inboxes},
    {"PERSONAL", Which::personal},
    {"SUBSCRIBED", Which::subscribed},
    {"SUBTREE", Which::subtree, true},
    {"MAILBOXES", Which::mailboxes, true},
    // RFC 7377 4
    {"SUBTREE-ONE", Which::subtree_one, true},
};
constexpr std::size_t most_filters = 100;
constexpr std::size_t most_filter_names = 1000;

template <typename Rows>
auto& row_of(const Rows& rows, const std::string& name, const char* what) {
  const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const auto& each) { return each.name == name; });
  if (row == std::end(rows)) throw SyntaxError(std::string("there is no ") + what + " " + name.substr(0, 100));
  return *row;
}

}  // namespace

SearchReturn read_search_return(Cursor& cursor) {
  SearchReturn wanted;
  if (!cursor.skip_word("RETURN")) return wanted;
  cursor.space();
  wanted.extended = true;
  bool any = false;
  cursor.list(Cursor::Empty::allowed, [&] {
    any = true;
    const std::string name = cursor.word();
    if (name == "PARTIAL") {
      if (wanted.partial) throw SyntaxError("PARTIAL can be asked for once");
      cursor.space();
      wanted.partial = read_partial_range(cursor);
      return;
    }
    wanted.*row_of(return_words, name, "search result option").set = true;
  });
  cursor.space();
  // "A single command MUST NOT contain more than one PARTIAL or ALL search return option". RFC 9394 3.1
  if (wanted.partial && wanted.all) throw SyntaxError("PARTIAL and ALL can't be asked for together");
  // "If the list of result options is empty, that requests the server to return an ESEARCH response … equivalent to
  // (ALL)". RFC 9051 6.4.4
  wanted.all = wanted.all || !any;
  return wanted;
}

std::vector<SortCriterion> read_sort_criteria(Cursor& cursor) {
  std::vector<SortCriterion> criteria;
  cursor.list(Cursor::Empty::refused, [&] {
    SortCriterion criterion;
    std::string name = cursor.word();
    if (name == "REVERSE") {
      criterion.reverse = true;
      cursor.space();
      name = cursor.word();
    }
    criterion.by = row_of(sort_words, name, "sort criterion").by;
    if (criteria.size() == most_criteria) throw Refusal("LIMIT", "there are too many sort criteria");
    criteria.push_back(criterion);
  });
  return criteria;
}

ThreadBy read_thread_algorithm(Cursor& cursor) { return row_of(thread_words, cursor.word(), "threading algorithm").by; }

MailboxFilter read_mailbox_filter(Cursor& cursor) {
  const FilterWord& row = row_of(filter_words, cursor.word(), "choice of mailboxes");
  MailboxFilter filter;
  filter.which = row.which;
  if (!row.names) return filter;
  cursor.space();
  const auto read_name = [&] {
    if (filter.names.size() == most_filter_names) throw Refusal("LIMIT", "there are too many mailboxes");
    filter.names.push_back(read_mailbox(cursor));
  };
  if (cursor.peek() == '(') {
    cursor.list(Cursor::Empty::refused, read_name);
  } else {
    read_name();
  }
  return filter;
}

std::vector<MailboxFilter> read_search_sources(Cursor& cursor) {
  std::vector<MailboxFilter> filters;
  if (!cursor.skip_word("IN")) return filters;
  cursor.space();
  cursor.list(Cursor::Empty::refused, [&] {
    if (filters.size() == most_filters) throw Refusal("LIMIT", "there are too many choices of mailboxes");
    filters.push_back(read_mailbox_filter(cursor));
    if (filters.back().which == Which::selected_delayed) throw SyntaxError("SELECTED-DELAYED can't be searched");
  });
  cursor.space();
  return filters;
}

}  // namespace mail::imap
