#include "mail/imap/search/thread.h"

#include <algorithm>
#include <unordered_map>

#include "mail/imap/search/forest.h"

namespace mail::imap {

namespace {

using Index = std::uint32_t;
constexpr Index none = UINT32_MAX;

/// A message in its place, or a dummy that stands for one that isn't here.
struct Node {
  const ThreadRow* message = nullptr;
  std::vector<Index> children;
};

/// The threads: nodes, and which of them have no parent.
struct Threads {
  std::vector<Node> nodes;
  std::vector<Index> top;

  /// The message that speaks for a node: of a dummy its first child, which must be sorted.
  const ThreadRow& speaker(Index index) const {
    const Node& node = nodes[index];
    return node.message ? *node.message : *nodes[node.children.front()].message;
  }

  /// RFC 5256 2.2: "If two messages have the same sent date, the order in which they appear in the mailbox"
  void sort_by_date(std::vector<Index>& siblings) const {
    std::sort(siblings.begin(), siblings.end(), [&](Index one, Index other) {
      const ThreadRow& a = speaker(one);
      const ThreadRow& b = speaker(other);
      return a.sent != b.sent ? a.sent < b.sent : a.number < b.number;
    });
  }

  /// Children before those whose dates they give. Dummies are on top only.
  void sort_all() {
    for (Node& node : nodes) sort_by_date(node.children);
    sort_by_date(top);
  }

  std::string text() const;
};

/// Without recursion, as a thread can be as long as a mailbox.
std::string Threads::text() const {
  struct Step {
    Index node;  ///< none: a parenthesis is closed
    bool opens;
  };
  std::string out;
  std::vector<Step> steps;
  for (auto thread = top.rbegin(); thread != top.rend(); ++thread) steps.push_back({*thread, true});
  while (!steps.empty()) {
    const Step step = steps.back();
    steps.pop_back();
    if (step.node == none) {
      out += ')';
      continue;
    }
    const Node& node = nodes[step.node];
    if (step.opens) {
      out += '(';
      steps.push_back({none, false});
    }
    if (node.message) out.append(step.opens ? "" : " ").append(std::to_string(node.message->number));
    const bool splits = node.children.size() > 1 || !node.message;
    if (splits && node.message) out += ' ';
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) steps.push_back({*child, splits});
  }
  return out;
}

/// Steps 1 to 3 of REFERENCES: the tree that references make.
class ByReferences {
 public:
  explicit ByReferences(const std::vector<ThreadRow>& messages) : messages_(messages) {}

  Threads make() {
    name_messages();
    for (Index i = 0; i < messages_.size(); ++i) link_references(i);
    return pruned();
  }

 private:
  /// Nodes are numbered as messages are; dummies come after them.
  void name_messages() {
    by_id_.reserve(messages_.size());
    for (Index i = 0; i < messages_.size(); ++i) {
      forest_.add();
      // "If two or more messages have the same Message ID, then only use that Message ID in the first"
      if (messages_[i].message_id) by_id_.emplace(*messages_[i].message_id, i);
    }
  }

  Index node_of(const std::string& id) {
    const auto [place, is_new] = by_id_.try_emplace(id, static_cast<Index>(forest_.size()));
    if (is_new) forest_.add();
    return place->second;
  }

  /// "Do not create a parent/child link if creating that link would introduce a loop." The child is a root.
  void link(Index child, Index parent) {
    if (forest_.root(parent) != child) forest_.link(child, parent);
  }

  void link_references(Index message) {
    Index before = none;
    // (1)(A)
    for (const std::string& id : messages_[message].references) {
      const Index node = node_of(id);
      // "If a message already has a parent, don't change the existing link."
      if (before != none && forest_.parent(node) == none) link(node, before);
      before = node;
    }
    // (1)(B)
    if (forest_.parent(message) != none) forest_.cut(message);
    if (before != none) link(message, before);
  }

  /// (2) and (3): what becomes of the children of dummies. A message's parent is the nearest message above it; where
  /// there is none, the top dummy, which stays if more than one message is below it.
  Threads pruned() {
    const auto count = static_cast<Index>(forest_.size());
    std::vector<std::vector<Index>> below(count);
    std::vector<Index> order;
    for (Index i = 0; i < count; ++i) {
      const Index parent = forest_.parent(i);
      if (parent == none) {
        order.push_back(i);
      } else {
        below[parent].push_back(i);
      }
    }
    const std::size_t roots = order.size();
    std::vector<Index> anchor(count, none);
    Threads threads;
    threads.nodes.resize(count);
    for (std::size_t at = 0; at < order.size(); ++at) {
      const Index node = order[at];
      const Index parent = forest_.parent(node);
      const bool is_message = node < messages_.size();
      if (is_message) threads.nodes[node].message = &messages_[node];
      if (is_message && parent != none) threads.nodes[anchor[parent]].children.push_back(node);
      anchor[node] = is_message || parent == none ? node : anchor[parent];
      order.insert(order.end(), below[node].begin(), below[node].end());
    }
    for (std::size_t at = 0; at < roots; ++at) {
      const Node& node = threads.nodes[order[at]];
      if (node.message || node.children.size() > 1) {
        threads.top.push_back(order[at]);
      } else if (node.children.size() == 1) {
        threads.top.push_back(node.children.front());
      }
    }
    return threads;
  }

  const std::vector<ThreadRow>& messages_;
  Forest forest_;
  std::unordered_map<std::string, Index> by_id_;
};

/// Step 5 of REFERENCES: threads of one subject come together.
class BySubject {
 public:
  explicit BySubject(Threads& threads) : threads_(threads) {}

  void merge() {
    for (const Index node : threads_.top) populate(node);
    std::vector<Index> all;
    all.swap(threads_.top);
    gone_.resize(threads_.nodes.size());
    for (const Index node : all) {
      if (!gone_[node]) merge_one(node);
    }
    all.insert(all.end(), made_.begin(), made_.end());
    for (const Index node : all) {
      if (!gone_[node]) threads_.top.push_back(node);
    }
  }

 private:
  bool is_dummy(Index node) const { return threads_.nodes[node].message == nullptr; }
  bool is_reply(Index node) const { return !is_dummy(node) && threads_.nodes[node].message->is_reply; }

  // (5)(B)
  void populate(Index node) {
    const std::string& subject = threads_.speaker(node).subject;
    if (subject.empty()) return;
    const auto [place, is_new] = table_.try_emplace(subject, node);
    if (is_new || is_dummy(place->second)) return;
    if (is_dummy(node) || (is_reply(place->second) && !is_reply(node))) place->second = node;
  }

  // (5)(C)
  void merge_one(Index node) {
    const std::string& subject = threads_.speaker(node).subject;
    if (subject.empty()) return;
    Index& known = table_.at(subject);
    if (known == node) return;
    gone_[node] = true;
    if (is_dummy(known) && is_dummy(node)) {
      std::vector<Index>& into = threads_.nodes[known].children;
      std::vector<Index>& from = threads_.nodes[node].children;
      into.insert(into.end(), from.begin(), from.end());
      from.clear();
    } else if (is_dummy(known) || (is_reply(node) && !is_reply(known))) {
      threads_.nodes[known].children.push_back(node);
    } else {
      gone_[known] = true;
      const auto dummy = static_cast<Index>(threads_.nodes.size());
      threads_.nodes.push_back({nullptr, {known, node}});
      made_.push_back(dummy);
      gone_.push_back(false);
      known = dummy;
    }
  }

  Threads& threads_;
  /// Views of the messages' own texts.
  std::unordered_map<std::string_view, Index> table_;
  std::vector<Index> made_;
  /// No longer on top.
  std::vector<bool> gone_;
};

std::string by_references(const std::vector<ThreadRow>& messages) {
  Threads threads = ByReferences(messages).make();
  // (4)
  for (Node& node : threads.nodes) threads.sort_by_date(node.children);
  threads.sort_by_date(threads.top);
  BySubject(threads).merge();
  // (6)
  threads.sort_all();
  return threads.text();
}

/// REFERENCES without the merging by subject, in the order of each thread's latest arrival.
std::string by_refs(const std::vector<ThreadRow>& messages) {
  Threads threads = ByReferences(messages).make();
  threads.sort_all();
  std::vector<std::pair<std::int64_t, Index>> latest;
  for (const Index thread : threads.top) {
    std::int64_t arrival = INT64_MIN;
    std::vector<Index> waiting{thread};
    while (!waiting.empty()) {
      const Node& node = threads.nodes[waiting.back()];
      waiting.pop_back();
      if (node.message) arrival = std::max(arrival, node.message->arrival);
      waiting.insert(waiting.end(), node.children.begin(), node.children.end());
    }
    latest.emplace_back(arrival, thread);
  }
  std::stable_sort(latest.begin(), latest.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < latest.size(); ++i) threads.top[i] = latest[i].second;
  return threads.text();
}

/// "poor man's threading". RFC 5256 3
std::string by_ordered_subject(const std::vector<ThreadRow>& messages) {
  std::vector<Index> order;
  Threads threads;
  threads.nodes.resize(messages.size());
  for (Index i = 0; i < messages.size(); ++i) {
    threads.nodes[i].message = &messages[i];
    order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](Index one, Index other) {
    const ThreadRow& a = messages[one];
    const ThreadRow& b = messages[other];
    if (const int way = a.subject.compare(b.subject)) return way < 0;
    return a.sent != b.sent ? a.sent < b.sent : a.number < b.number;
  });
  for (const Index node : order) {
    if (threads.top.empty() || messages[threads.top.back()].subject != messages[node].subject) {
      threads.top.push_back(node);
    } else {
      threads.nodes[threads.top.back()].children.push_back(node);
    }
  }
  threads.sort_by_date(threads.top);
  return threads.text();
}

}  // namespace

ThreadRow thread_row(std::uint32_t number, const storage::Message& message, mime::SortKeys keys) {
  ThreadRow row;
  row.number = number;
  row.sent = keys.sent.value_or(message.internal_date);
  row.arrival = message.internal_date;
  row.subject = mime::collation_key(keys.base_subject);
  row.is_reply = keys.is_reply;
  row.message_id = std::move(keys.message_id);
  row.references = std::move(keys.references);
  return row;
}

std::string thread_text(const std::vector<ThreadRow>& messages, ThreadBy by) {
  switch (by) {
    case ThreadBy::ordered_subject:
      return by_ordered_subject(messages);
    case ThreadBy::references:
      return by_references(messages);
    case ThreadBy::refs:
      return by_refs(messages);
  }
  return {};
}

}  // namespace mail::imap
