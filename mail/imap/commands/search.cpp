#include <algorithm>
#include <set>

#include "mail/facts.h"
#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/names.h"
#include "mail/imap/search/sort.h"
#include "mail/imap/search/thread.h"
#include "mail/imap/searching.h"

namespace mail::imap {

namespace {

std::string quoted_tag(const Call& call) {
  std::string out;
  mime::append_string(out, call.tag, Client::rev1);
  return out;
}

/// Updates of contexts are not kept; the client is told so. RFC 5267 4.3.1
void refuse_update(Call& call, const SearchReturn& wanted) {
  if (wanted.update) call.out += "* OK [NOUPDATE " + quoted_tag(call) + "] Updates are not sent\r\n";
}

std::uint32_t told(const Call& call, const Found& found) { return call.uid ? found.uid : found.number; }

/// What RETURN asked for, or what a client of IMAP4rev2 gets without it.
void answer_extended(Call& call, const std::vector<Found>& found, const SearchReturn& wanted, bool uses_modseq) {
  Session& session = call.session;
  refuse_update(call, wanted);
  if (wanted.save) session.view().save(to_save(found, wanted));
  const bool asks = wanted.min || wanted.max || wanted.all || wanted.count || wanted.partial || wanted.relevancy ||
                    wanted.context || wanted.update;
  // "SAVE" alone tells nothing. RFC 5182 2.1
  if (wanted.save && !asks) return;
  call.out += "* ESEARCH (TAG " + quoted_tag(call) + ')';
  append_found(call.out, found, wanted, call.uid, uses_modseq);
  call.out += "\r\n";
}

/// `* SEARCH 2 84 882 (MODSEQ 5)`. RFC 3501 7.2.5, RFC 7162 3.1.5
void answer_plain(Call& call, std::string_view name, const std::vector<Found>& found, bool uses_modseq) {
  call.out.append("* ").append(name);
  for (const Found& each : found) call.out += ' ' + std::to_string(told(call, each));
  if (uses_modseq && !found.empty()) call.out += " (MODSEQ " + std::to_string(highest(found)) + ')';
  call.out += "\r\n";
}

/// "if the command fails … the search result variable is reset to the empty sequence". RFC 5182 2.1
template <typename Run>
void saving(Session& session, const SearchReturn& wanted, Run run) {
  try {
    run();
  } catch (const Refusal&) {
    if (wanted.save && session.has_view()) session.view().save({});
    throw;
  }
}

std::vector<Found> search_view(Session& session, const SearchProgram& program) {
  if (program.uses_modseq) session.enable(Extension::condstore);
  return session.store().read([&](storage::Transaction& transaction) {
    return search(transaction, session.view().mailbox(), &session.view(), program);
  });
}

bool needs_facts(const std::vector<SortCriterion>& criteria) {
  return std::any_of(criteria.begin(), criteria.end(), [](const SortCriterion& criterion) {
    return criterion.by != SortBy::arrival && criterion.by != SortBy::size && criterion.by != SortBy::relevancy;
  });
}

std::vector<storage::Uid> uids_of(const std::vector<Found>& found) {
  std::vector<storage::Uid> uids;
  for (const Found& each : found) uids.push_back(each.uid);
  return uids;
}

/// Puts what was found into the order that is asked for.
std::vector<Found> in_order(storage::Transaction& transaction, storage::Id mailbox, const std::vector<Found>& found,
                            const std::vector<SortCriterion>& criteria) {
  const bool facts = needs_facts(criteria);
  std::vector<SortRow> rows;
  storage::Mail(transaction)
      .messages(mailbox, uids_of(found), facts ? storage::Mail::WithFacts::yes : storage::Mail::WithFacts::no,
                [&](const storage::Message& message, std::string_view packed) {
                  const mime::SortKeys keys = facts ? Facts(packed).sort_keys() : mime::SortKeys();
                  rows.push_back(sort_row(message.uid, message, keys, criteria));
                });
  std::vector<Found> ordered;
  for (const storage::Uid uid : sorted(std::move(rows), criteria)) {
    ordered.push_back(*std::lower_bound(found.begin(), found.end(), uid,
                                        [](const Found& each, storage::Uid other) { return each.uid < other; }));
  }
  return ordered;
}

/// Whether a filter of MULTISEARCH names that mailbox. RFC 7377 2.2, RFC 5465 6
bool names(const MailboxFilter& filter, const Place& place, Session& session,
           const std::set<std::string>& subscriptions) {
  using Which = MailboxFilter::Which;
  const auto is_below = [&](const std::string& name, bool deep) {
    if (!place.name.starts_with(name + separator)) return false;
    return deep || place.name.find(separator, name.size() + 1) == std::string::npos;
  };
  switch (filter.which) {
    case Which::selected:
    case Which::selected_delayed:
      return session.has_view() && session.view().mailbox() == place.mailbox.id;
    case Which::inboxes:
      return place.own && place.name == "INBOX";
    case Which::personal:
      return place.own;
    case Which::subscribed:
      return subscriptions.contains(place.name);
    default:
      return std::any_of(filter.names.begin(), filter.names.end(), [&](const std::string& name) {
        return place.name == name ||
               (filter.which != Which::mailboxes && is_below(name, filter.which == Which::subtree));
      });
  }
}

void answer_mailbox(Call& call, storage::Transaction& transaction, const Place& place, const SearchReturn& wanted,
                    const SearchProgram& program) {
  const bool selected = call.session.has_view() && call.session.view().mailbox() == place.mailbox.id;
  const View* view = selected ? &call.session.view() : nullptr;
  const std::vector<Found> found = search(transaction, place.mailbox.id, view, program);
  if (wanted.save && selected) call.session.view().save(to_save(found, wanted));
  // "An ESEARCH response MUST NOT be returned for mailboxes that contain no matching messages." RFC 7377 2.1
  if (found.empty()) return;
  call.out += "* ESEARCH (TAG " + quoted_tag(call) + " MAILBOX ";
  append_mailbox(call.out, place.name, call.session.client());
  call.out += " UIDVALIDITY " + std::to_string(place.mailbox.uid_validity) + ')';
  append_found(call.out, found, wanted, true, program.uses_modseq);
  call.out += "\r\n";
}

}  // namespace

namespace commands {

// RFC 9051 6.4.4
void search(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  SearchReturn wanted = read_search_return(call.arguments);
  saving(session, wanted, [&] {
    const SearchProgram program = read_search_program(call.arguments);
    const std::vector<Found> found = search_view(session, program);
    if (!wanted.extended && !session.enabled(Extension::rev2)) {
      return answer_plain(call, "SEARCH", found, program.uses_modseq);
    }
    wanted.all = wanted.all || !wanted.extended;
    answer_extended(call, found, wanted, program.uses_modseq);
  });
}

// RFC 5256 3, RFC 5267 3
void sort(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const SearchReturn wanted = read_search_return(call.arguments);
  saving(session, wanted, [&] {
    const std::vector<SortCriterion> criteria = read_sort_criteria(call.arguments);
    call.arguments.space();
    const SearchProgram program = read_search_criteria(call.arguments);
    if (program.uses_modseq) session.enable(Extension::condstore);
    const storage::Id mailbox = session.view().mailbox();
    const auto found = session.store().read([&](storage::Transaction& transaction) {
      return in_order(transaction, mailbox, imap::search(transaction, mailbox, &session.view(), program), criteria);
    });
    if (!wanted.extended) return answer_plain(call, "SORT", found, program.uses_modseq);
    answer_extended(call, found, wanted, program.uses_modseq);
  });
}

// RFC 5256 3
void thread(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const ThreadBy by = read_thread_algorithm(call.arguments);
  call.arguments.space();
  const SearchProgram program = read_search_criteria(call.arguments);

  std::vector<ThreadRow> rows;
  const std::vector<Found> found = search_view(session, program);
  session.store().read([&](storage::Transaction& transaction) {
    rows.clear();
    storage::Mail(transaction)
        .messages(session.view().mailbox(), uids_of(found), storage::Mail::WithFacts::yes,
                  [&](const storage::Message& message, std::string_view packed) {
                    const std::uint32_t number = call.uid ? message.uid : session.view().number_of(message.uid);
                    rows.push_back(thread_row(number, message, Facts(packed).sort_keys()));
                  });
  });
  const std::string threads = thread_text(rows, by);
  call.out += threads.empty() ? "* THREAD\r\n" : "* THREAD " + threads + "\r\n";
}

// RFC 7377 2
void esearch(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  std::vector<MailboxFilter> sources = read_search_sources(call.arguments);
  SearchReturn wanted = read_search_return(call.arguments);
  const SearchProgram program = read_search_program(call.arguments);

  if (sources.empty() && !session.has_view()) throw Refusal("CLIENTBUG", "No mailbox is selected");
  const bool elsewhere = !sources.empty();
  if (!elsewhere) sources.push_back({});
  // "the SAVE result option" would name messages of several mailboxes. RFC 7377 2.1
  if (wanted.save && elsewhere) throw SyntaxError("SAVE is for the selected mailbox");
  if (!wanted.extended) wanted.all = true;
  if (program.uses_modseq) session.enable(Extension::condstore);
  refuse_update(call, wanted);
  const std::size_t before = call.out.size();
  session.store().read([&](storage::Transaction& transaction) {
    call.out.resize(before);
    const auto list = storage::Mail(transaction).subscriptions(session.account());
    const std::set<std::string> subscriptions(list.begin(), list.end());
    for (const Place& place : all_places(transaction, session.principal())) {
      const bool wants = std::any_of(sources.begin(), sources.end(), [&](const MailboxFilter& filter) {
        return names(filter, place, session, subscriptions);
      });
      // What one has no right to read is passed over without a word. RFC 7377 2.2
      if (wants && place.mailbox.selectable && place.may('r')) {
        answer_mailbox(call, transaction, place, wanted, program);
      }
    }
  });
}

}  // namespace commands

}  // namespace mail::imap
