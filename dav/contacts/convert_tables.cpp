#include "dav/contacts/convert_tables.h"

#include <algorithm>
#include <array>

#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::equal_ignoring_case;

constexpr std::array<std::string_view, 21> names_only_v4{
    // RFC 6350 6.1.4, 6.1.5, 6.2.6, 6.2.7, 6.4.4, 6.6.6, 6.7.7
    "KIND", "XML", "ANNIVERSARY", "GENDER", "LANG", "RELATED", "CLIENTPIDMAP",
    // RFC 6474 2
    "BIRTHPLACE", "DEATHPLACE", "DEATHDATE",
    // RFC 6715 2, RFC 8605 2.1
    "EXPERTISE", "HOBBY", "INTEREST", "ORG-DIRECTORY", "CONTACT-URI",
    // RFC 9554 3, RFC 9555 3.2.1
    "CREATED", "GRAMGENDER", "LANGUAGE", "PRONOUNS", "SOCIALPROFILE", "JSPROP"};

// RFC 6350 A.2: "The CLASS, NAME, MAILER, LABEL, and SORT-STRING … properties have been removed", AGENT and PROFILE
// too.
constexpr std::array<std::string_view, 7> names_only_v3{"CLASS", "PROFILE", "NAME",       "MAILER",
                                                        "LABEL", "AGENT",   "SORT-STRING"};

constexpr std::array aliases{
    // RFC 6350 6.4.3
    Alias{"X-AIM", "IMPP", "aim"},
    Alias{"X-ICQ", "IMPP", "icq"},
    Alias{"X-JABBER", "IMPP", "xmpp"},
    Alias{"X-GOOGLE-TALK", "IMPP", "xmpp"},
    Alias{"X-GTALK", "IMPP", "xmpp"},
    Alias{"X-MSN", "IMPP", "msnim"},
    Alias{"X-YAHOO", "IMPP", "ymsgr"},
    Alias{"X-SKYPE", "IMPP", "skype"},
    Alias{"X-SKYPE-USERNAME", "IMPP", "skype"},
    Alias{"X-GADUGADU", "IMPP", "gg"},
    Alias{"X-GROUPWISE", "IMPP", "groupwise"},
    Alias{"X-QQ", "IMPP", "qq"},
    // RFC 6350 6.2.6
    Alias{"X-ANNIVERSARY", "ANNIVERSARY", ""},
    Alias{"X-EVOLUTION-ANNIVERSARY", "ANNIVERSARY", ""},
    Alias{"X-KADDRESSBOOK-X-Anniversary", "ANNIVERSARY", ""},
    // RFC 6350 6.6.6
    Alias{"X-SPOUSE", "RELATED", "spouse"},
    Alias{"X-EVOLUTION-SPOUSE", "RELATED", "spouse"},
    Alias{"X-KADDRESSBOOK-X-SpousesName", "RELATED", "spouse"},
    Alias{"X-MANAGER", "RELATED", "co-worker"},
    Alias{"X-EVOLUTION-MANAGER", "RELATED", "co-worker"},
    Alias{"X-KADDRESSBOOK-X-ManagersName", "RELATED", "co-worker"},
    Alias{"X-ASSISTANT", "RELATED", "agent"},
    Alias{"X-EVOLUTION-ASSISTANT", "RELATED", "agent"},
    Alias{"X-KADDRESSBOOK-X-AssistantsName", "RELATED", "agent"},
};

struct RelatedLabel {
  std::string_view label;
  std::string_view type;
};

// Apple's labels; the first of a type is the one that it gets.
constexpr std::array related_labels{
    RelatedLabel{"_$!<Spouse>!$_", "spouse"},   RelatedLabel{"_$!<Child>!$_", "child"},
    RelatedLabel{"_$!<Parent>!$_", "parent"},   RelatedLabel{"_$!<Friend>!$_", "friend"},
    RelatedLabel{"_$!<Sibling>!$_", "sibling"}, RelatedLabel{"_$!<Partner>!$_", "sweetheart"},
    RelatedLabel{"_$!<Assistant>!$_", "agent"}, RelatedLabel{"_$!<Manager>!$_", "co-worker"},
    RelatedLabel{"_$!<Father>!$_", "parent"},   RelatedLabel{"_$!<Mother>!$_", "parent"},
    RelatedLabel{"_$!<Brother>!$_", "sibling"}, RelatedLabel{"_$!<Sister>!$_", "sibling"},
    RelatedLabel{"_$!<Son>!$_", "child"},       RelatedLabel{"_$!<Daughter>!$_", "child"},
};

// RFC 6350 6.6.6
constexpr std::array<std::string_view, 20> related_types{"contact",   "acquaintance", "friend",   "met",   "co-worker",
                                                         "colleague", "co-resident",  "neighbor", "child", "parent",
                                                         "sibling",   "spouse",       "kin",      "muse",  "crush",
                                                         "date",      "sweetheart",   "me",       "agent", "emergency"};

constexpr std::array media{
    MediaName{"PHOTO", "JPEG", "image/jpeg"},        MediaName{"PHOTO", "JPG", "image/jpeg"},
    MediaName{"LOGO", "JPEG", "image/jpeg"},         MediaName{"LOGO", "JPG", "image/jpeg"},
    MediaName{"KEY", "PGP", "application/pgp-keys"}, MediaName{"KEY", "X509", "application/pkix-cert"},
};

template <typename List>
bool has(const List& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view each) { return equal_ignoring_case(each, name); });
}

}  // namespace

bool is_only_v4(std::string_view name) { return has(names_only_v4, name); }

bool is_only_v3(std::string_view name) { return has(names_only_v3, name); }

const Alias* find_alias(std::string_view name_v3) {
  const auto found = std::find_if(aliases.begin(), aliases.end(),
                                  [&](const Alias& alias) { return equal_ignoring_case(alias.name_v3, name_v3); });
  return found == aliases.end() ? nullptr : &*found;
}

bool has_prefix(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

bool may_return(std::string_view name) {
  static constexpr std::array<std::string_view, 4> never{"BEGIN", "END", "VERSION", "UID"};
  return !has(never, name);
}

bool is_related_type(std::string_view type) { return has(related_types, type); }

std::string_view related_type(std::string_view label) {
  for (const RelatedLabel& row : related_labels) {
    if (row.label == label) return row.type;
  }
  for (const std::string_view type : related_types) {
    if (equal_ignoring_case(type, label)) return type;
  }
  return {};
}

std::string_view related_label(std::string_view type) {
  for (const RelatedLabel& row : related_labels) {
    if (equal_ignoring_case(row.type, type)) return row.label;
  }
  return type;
}

std::span<const MediaName> media_names() { return media; }

}  // namespace dav::contacts
