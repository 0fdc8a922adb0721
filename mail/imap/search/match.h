#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/imap/grammar/search_key.h"
#include "mail/mime/sort_keys.h"
#include "mail/mime/text.h"
#include "storage/mail.h"

namespace mail::imap {

/// What is known of a message; where that is not enough to say whether it is looked for, more is fetched. In the order
/// of what it costs.
struct Known {
  // What a session holds of it.
  std::uint32_t number = 0;  ///< in the mailbox; 0 where there are no numbers
  storage::Uid uid = 0;
  unsigned flags = 0;
  std::string_view keywords;
  bool recent = false;
  storage::Modseq modseq = 0;

  const storage::Message* row = nullptr;
  const mime::SortKeys* keys = nullptr;
  std::optional<std::string_view> header;
  const mime::SearchText* text = nullptr;
};

enum class Truth : std::uint8_t { no, yes, unknown };

/// What must be known next, to say more of a message. Each needs less work than the next.
enum class Need : std::uint8_t { nothing, row, keys, header, text };

/// What a search is relative to.
struct SearchContext {
  /// What `*` stands for; 0 for an empty mailbox.
  std::uint32_t last_number = 0;
  storage::Uid last_uid = 0;
  /// What `$` stands for, as UIDs; may be null.
  const NumberSet* saved = nullptr;
  std::int64_t now = 0;  ///< seconds since 1970
};

/// A search that is ready to be asked of one message after the other: cheap conditions stand first in it, so that most
/// messages are told apart before anything is read of them.
class Search {
 public:
  Search(const SearchProgram& program, const SearchContext& context);

  /// The texts, as collation keys, that an index may know candidates for, and where they are looked for.
  struct Question {
    storage::SearchIn where;
    std::string text;
  };
  const std::vector<Question>& questions() const { return questions_; }
  /// What the index says of that question: no other messages have the text.
  void set_candidates(std::size_t question, const std::vector<storage::Uid>& uids);

  /// Whether the message is looked for. Unknown only if `need` of the same says what is missing.
  Truth judge(const Known& message) const;
  /// The least of what is missing to judge it.
  Need need(const Known& message) const;
  /// The most that any message can need.
  Need most_needed() const { return root_.needs; }

 private:
  struct Node {
    SearchKey::Kind kind = SearchKey::Kind::all_of;
    std::vector<Node> nodes;
    NumberSet set;
    const NumberSet* saved = nullptr;
    std::uint64_t number = 0;
    std::int64_t begin = 0;  ///< seconds, days; what is looked for is from here
    std::int64_t end = 0;    ///< up to here
    unsigned flag = 0;
    bool wanted = true;
    std::string name;
    std::string text;  ///< its collation key; of keywords and ids as it is
    std::optional<std::size_t> question;
    Need needs = Need::nothing;
  };

  Node prepare(const SearchKey& key, const SearchContext& context);
  void prepare_leaf(Node& node, const SearchKey& key, const SearchContext& context);
  void ask(Node& node, storage::SearchIn where, const std::string& text);
  Truth judge(const Node& node, const Known& message, Need& missing) const;
  Truth judge_text(const Node& node, const Known& message, Need& missing) const;

  Node root_;
  std::vector<Question> questions_;
  std::vector<std::optional<NumberSet>> candidates_;
};

/// How the search looks at an object's id: without the letter before the number. RFC 8474 8.1
std::string email_id_text(storage::Id email);
std::string thread_id_text(storage::Id thread);

}  // namespace mail::imap
