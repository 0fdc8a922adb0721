#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dav/contacts/line.h"
#include "dav/content/json.h"
#include "dav/content/json_tree.h"

namespace dav::contacts::jscontact {

/// A card of vCard 4.0 as JSContact, and what is known of how it came to be.
struct Conversion {
  content::Json card;
  std::set<std::string> made_ids;  ///< of properties without PROP-ID: name in capitals, space, id
  std::vector<bool> kept;          ///< for each line: it stands in vCardProps
};

/// The Card of these lines. `kept` says which of them are to stand in vCardProps, whatever they are; others may have
/// to as well. RFC 9555 2
Conversion card_of(const std::vector<Line>& lines, std::vector<bool> kept);

/// The lines of a Card that is valid (find_fault), but for what has no counterpart in vCard. RFC 9555 3, without 3.1.1
std::vector<Line> lines_of(const content::Json& card);

/// The lines of a card, parted into the patches that those of JSPROP are and all others.
struct Parted {
  std::vector<content::Patch> patches;
  std::vector<Line> others;     ///< in order
  std::vector<bool> malformed;  ///< for each of the others: it is a JSPROP that is no patch
};

/// RFC 9555 3.2.1
Parted part_patches(std::vector<Line> lines);

/// What each line says, in a form that is the same for two lines exactly if they mean the same; a list of texts says as
/// many things. Of groups counts what they hold together. PROP-IDs in `made_ids` don't count.
std::vector<std::vector<std::string>> meaning_of(const std::vector<Line>& lines, const std::set<std::string>& made_ids);

/// Why a value is no Card, with a JSON pointer to what is wrong; empty if it is one. RFC 9553 2
std::string find_fault(const content::Json& card);

/// Gives a valid Card what goes without saying in the form in which card_of has it: the kind of a title, no `@type`
/// that is implied (RFC 9553 1.3.4), no order that is none.
void settle_defaults(content::Json& card);

/// A Card's properties that are one value, and the vCard properties for them. RFC 9555 2.4.2, 2.5.4, 2.7.4, 2.11
struct SingleRow {
  std::string_view name;
  std::string_view member;
};
inline constexpr SingleRow singles[] = {
    {"UID", "uid"},
    {"KIND", "kind"},
    {"PRODID", "prodId"},
    {"CREATED", "created"},
    {"REV", "updated"},
    {"LANGUAGE", "language"},
    {"GRAMGENDER", "grammaticalGender"},
};

/// The groups of a card (`item1.TEL`).
class CardGroups {
 public:
  CardGroups(const std::vector<Line>& lines, const std::vector<bool>& kept);

  /// The label of the one property in a line's group that may have one; empty if there is none. RFC 9555 2.11.11
  std::string label_of(std::size_t line) const;

  /// Whether the line is such a label.
  bool is_label(std::size_t line) const { return labels_.contains(line); }

  /// The line of the one ORG in a line's group; its own number if there is none. RFC 9555 2.9.6
  std::size_t organization_of(std::size_t line) const;

  /// Whether the name of the line's group has to be kept.
  bool is_kept(std::size_t line) const;

 private:
  struct Group {
    std::vector<std::size_t> lines;
    std::vector<std::size_t> organizations;
    std::size_t titles = 0;
    std::vector<std::size_t> labels;
    std::string label;  ///< of the one line that has it
    bool kept = false;  ///< some of its lines stand in vCardProps, with its name
  };
  const Group* find(std::size_t line) const;

  const std::vector<Line>& lines_;
  std::map<std::string, Group> groups_;  ///< by name in capitals
  std::set<std::size_t> labels_;
};

/// Which lines are the same in other languages, and how they are pronounced. RFC 9555 2.3.11, 2.3.15
class Alternatives {
 public:
  Alternatives(const std::vector<Line>& lines, const std::vector<bool>& kept);

  /// What the card is written in: LANGUAGE, or what FN says.
  const std::string& language() const { return language_; }
  bool is_derived() const { return derived_; }

  /// The line that this one is an alternative of; its own number if it is none.
  std::size_t main_of(std::size_t line) const;

 private:
  std::string language_;
  bool derived_ = false;
  std::map<std::size_t, std::size_t> mains_;
};

/// Adds to a card what a line says in another language; `path` is that of the object of the line that it is an
/// alternative of, without "/" at its end. False where it can't be said so.
bool add_alternative(content::Json& card, const Line& line, const Line& main, const std::string& path);

/// Appends the lines of a card's localizations, and those of how components are pronounced. `mains` are the lines of
/// the objects, by their paths; they get an ALTID where they have none.
void append_alternatives(std::vector<Line>& lines, const content::Json& card,
                         const std::map<std::string, std::size_t>& mains);

/// The ALTID that such a line gets: the object's id; for a name there is none.
std::string made_altid(const Line& line, std::string_view path);

/// What is at a path of member names with slashes between; nullptr if there is nothing.
const content::Json* find_path(const content::Json& card, std::string_view path);
content::Json* find_path(content::Json& card, std::string_view path);

}  // namespace dav::contacts::jscontact
