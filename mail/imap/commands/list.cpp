#include <algorithm>
#include <map>
#include <set>

#include "mail/imap/commands.h"
#include "mail/imap/grammar/list_options.h"
#include "mail/imap/grammar/list_pattern.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/names.h"
#include "mail/imap/status_answer.h"

namespace mail::imap {

namespace {

/// One name that can be listed.
struct Entry {
  const Place* place = nullptr;  ///< none: a level that has no mailbox, or a subscription to what isn't there
  bool subscribed = false;
  bool has_children = false;
  bool subscribed_below = false;
};

/// All names, and what stands above each of them, in order of name with INBOX first.
class Names {
 public:
  Names(const std::vector<Place>& places, const std::vector<std::string>& subscriptions) {
    for (const Place& place : places) entries_[place.name].place = &place;
    for (const Place& place : places) {
      each_above(place.name, [&](const std::string& name) { entries_[name].has_children = true; });
    }
    for (const std::string& name : subscriptions) entries_[name].subscribed = true;
    for (const std::string& subscription : subscriptions) {
      each_above(subscription, [&](const std::string& name) { entries_[name].subscribed_below = true; });
    }
  }

  template <typename Each>
  void for_each(Each each) const {
    for (const auto& [name, entry] : entries_) each(name, entry);
  }

 private:
  template <typename Each>
  static void each_above(const std::string& name, Each each) {
    for (std::size_t at = name.find(separator); at != std::string::npos; at = name.find(separator, at + 1)) {
      each(name.substr(0, at));
    }
  }

  struct InboxFirst {
    bool operator()(const std::string& one, const std::string& other) const {
      const bool is_first = is_inbox(one);
      return is_first != is_inbox(other) ? is_first : one < other;
    }
  };
  std::map<std::string, Entry, InboxFirst> entries_;
};

void append_attribute(std::string& out, std::string_view attribute) {
  if (!out.ends_with('(')) out += ' ';
  out += attribute;
}

void append_attributes(std::string& out, const Entry& entry, const ListArguments& list) {
  // \NonExistent is of LIST-EXTENDED; it implies \Noselect. RFC 9051 7.3.1
  if (!entry.place) {
    append_attribute(out, list.extended ? "\\NonExistent" : "\\Noselect");
  } else if (!entry.place->mailbox.selectable || !entry.place->may('r')) {
    append_attribute(out, "\\Noselect");
  }
  if (entry.subscribed && (list.subscribed || list.return_subscribed)) append_attribute(out, "\\Subscribed");
  // RFC 3348 3 lets a server tell this always.
  append_attribute(out, entry.has_children ? "\\HasChildren" : "\\HasNoChildren");
  if (entry.place && entry.place->own && !entry.place->mailbox.special_use.empty()) {
    append_attribute(out, entry.place->mailbox.special_use);
  }
}

class Lister {
 public:
  Lister(Call& call, const ListArguments& list, storage::Transaction& transaction)
      : call_(call), list_(list), transaction_(transaction) {
    for (const std::string& pattern : list.patterns) patterns_.emplace_back(list.reference, pattern);
  }

  /// The responses.
  std::string run() {
    const Session& session = call_.session;
    const std::vector<Place> places = all_places(transaction_, session.principal());
    std::vector<std::string> subscriptions;
    if (list_.subscribed || list_.return_subscribed) {
      subscriptions = storage::Mail(transaction_).subscriptions(session.account());
    }
    const Names names(places, subscriptions);
    names.for_each([&](const std::string& name, const Entry& entry) { consider(name, entry); });
    return std::move(out_);
  }

 private:
  bool matches(const std::string& name) const {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const ListPattern& pattern) { return pattern.matches(name); });
  }

  void consider(const std::string& name, const Entry& entry) {
    const bool has_use = entry.place && entry.place->own && !entry.place->mailbox.special_use.empty();
    const bool selected = (!list_.subscribed || entry.subscribed) && (!list_.special_use || has_use) &&
                          // A level that is only above subscriptions is no name of its own.
                          (entry.place || entry.subscribed || (!list_.subscribed && entry.has_children));
    const bool child_info = list_.recursive_match && entry.subscribed_below;
    if ((!selected && !child_info) || !matches(name)) return;
    out_ += "* LIST (";
    append_attributes(out_, entry, list_);
    out_ += ") \"/\" ";
    append_mailbox(out_, name, call_.session.client());
    if (child_info) out_ += " (CHILDINFO (\"SUBSCRIBED\"))";
    out_ += "\r\n";
    if (entry.place) append_returns(*entry.place);
  }

  /// RFC 8440 4, RFC 5819 2
  void append_returns(const Place& place) {
    if (list_.return_my_rights) {
      out_ += "* MYRIGHTS ";
      append_mailbox(out_, place.name, call_.session.client());
      out_ += ' ' + shown_rights(place.rights) + "\r\n";
    }
    if (!list_.return_status.empty() && place.mailbox.selectable && place.may('r')) {
      append_status(out_, transaction_, call_.session, place, list_.return_status);
    }
  }

  Call& call_;
  const ListArguments& list_;
  storage::Transaction& transaction_;
  std::vector<ListPattern> patterns_;
  std::string out_;
};

/// An account from before mail has no home yet.
void make_home(Session& session) {
  const bool missing = session.store().read(
      [&](storage::Transaction& transaction) { return !storage::Mail(transaction).home(session.account()); });
  if (!missing) return;
  session.store().write([&](storage::Transaction& transaction) { storage::Mail(transaction).home(session.account()); });
}

}  // namespace

namespace commands {

// RFC 9051 6.3.9, RFC 5258 3
void list(Call& call) {
  call.arguments.space();
  const ListArguments list = read_list_arguments(call.arguments);

  // "An empty mailbox name argument is a special request to return the hierarchy delimiter".
  if (!list.extended && list.patterns.front().empty()) {
    call.out += "* LIST (\\Noselect) \"/\" \"\"\r\n";
    return;
  }
  make_home(call.session);
  call.out += call.session.store().read(
      [&](storage::Transaction& transaction) { return Lister(call, list, transaction).run(); });
}

// RFC 3501 6.3.9
void lsub(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const ListArguments list = read_list_arguments(call.arguments);
  if (list.extended) throw SyntaxError("LSUB has a reference and a pattern");

  make_home(session);
  const auto [places, subscriptions] = session.store().read([&](storage::Transaction& transaction) {
    return std::pair(all_places(transaction, session.principal()),
                     storage::Mail(transaction).subscriptions(session.account()));
  });
  const ListPattern pattern(list.reference, list.patterns.front());
  const Names names(places, subscriptions);
  names.for_each([&](const std::string& name, const Entry& entry) {
    // "foo/bar" is subscribed and "%" was asked for: foo is told, as one that isn't. RFC 3501 6.3.9
    if ((!entry.subscribed && !entry.subscribed_below) || !pattern.matches(name)) return;
    if (!entry.subscribed && !pattern.text().ends_with('%')) return;
    const bool selectable = entry.place && entry.place->mailbox.selectable && entry.subscribed;
    call.out.append("* LSUB (").append(selectable ? "" : "\\Noselect").append(") \"/\" ");
    append_mailbox(call.out, name, session.client());
    call.out += "\r\n";
  });
}

}  // namespace commands

}  // namespace mail::imap
