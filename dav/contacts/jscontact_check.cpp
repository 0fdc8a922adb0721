#include <algorithm>

#include "dav/contacts/convert_value.h"
#include "dav/contacts/jcard.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_types.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/jcontent.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::equal_ignoring_case;
using content::Json;
using Kind = Json::Kind;
using enum Type;

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '@';
}

bool is_text(std::string_view text) { return content::is_utf8(text) && text.find('\x7F') == std::string_view::npos; }

/// A fault at a place; thrown so that every rule below is one line.
struct Fault {
  std::string place;
  std::string reason;
};

class Checker {
 public:
  void check_card(const Json& card) {
    if (!card.is(Kind::object)) throw Fault{"", "a Card is an object"};
    check_texts(card, "");
    if (content::string_member(card, "@type") != "Card") throw Fault{"/@type", "Card is expected"};
    const auto version = content::string_member(card, "version");
    if (version != "1.0") throw Fault{"/version", "1.0 is expected"};
    check_object(card, "Card", "");
    const auto uid = content::string_member(card, "uid");
    if (!is_clean(uid) || uid.find_first_not_of(' ') == std::string_view::npos) {
      throw Fault{"/uid", "nothing but spaces, or control characters"};
    }
    const bool group = content::string_member(card, "kind") == "group";
    if (!group && content::has_member(card, "members")) throw Fault{"/members", "only a group has members"};
    check_localizations(card);
  }

 private:
  /// What no XML answer and no content line could carry.
  static void check_texts(const Json& json, const std::string& place) {
    if (json.is(Kind::string) && !is_text(json.text)) throw Fault{place, "a character that may not stand in text"};
    for (std::size_t i = 0; i < json.items.size(); ++i) {
      const bool object = json.is(Kind::object);
      if (object && !is_clean(json.keys[i])) {
        throw Fault{place, "a name with control characters"};
      }
      const bool nested = !json.items[i].items.empty() || json.items[i].is(Kind::string);
      if (nested)
        check_texts(json.items[i], place + '/' + (object ? content::escape_token(json.keys[i]) : std::to_string(i)));
    }
  }

  void check_object(const Json& json, std::string_view type, const std::string& place) {
    if (!json.is(Kind::object)) throw Fault{place, std::string(type) + " is an object"};
    const Json* named = content::find_member(json, "@type");
    if (named != nullptr && named->text != type) throw Fault{place + "/@type", std::string(type) + " is expected"};
    for (std::size_t i = 0; i < json.keys.size(); ++i) check_member(json.keys[i], json.items[i], type, place);
    for_each_member(type, [&](const MemberRow& row) {
      const bool missing = row.need == Need::mandatory && !content::has_member(json, row.name);
      if (missing) throw Fault{place + '/' + std::string(row.name), "is missing"};
    });
    if (const ChoiceRow* row = missing_choice(json, type)) {
      throw Fault{place, std::string(row->members[0]) + " or " + std::string(row->members[1]) + " is missing"};
    }
    if (type == "Name" || type == "Address") check_components(json, place);
    if (type == "PartialDate") check_partial_date(json, place);
  }

  void check_member(const std::string& name, const Json& value, std::string_view type, const std::string& parent) {
    if (name == "@type") return;
    const std::string place = parent + '/' + content::escape_token(name);
    bool known = false;
    for_each_member(type, [&](const MemberRow& row) {
      if (row.name == name) {
        known = true;
        check(value, row, place);
      } else if (equal_ignoring_case(row.name, name)) {
        throw Fault{place, "is called " + std::string(row.name)};  // RFC 9553 1.7.1
      }
    });
    if (known) return;
    // RFC 9553 1.7.3, 1.7.4, 1.8.1
    const bool vendor = name.find(':') != std::string::npos;
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), is_name_character);
    if ((!vendor && !plain) || name == "extra") throw Fault{place, "may not be the name of a property"};
    if (value.is(Kind::null) && parent.empty()) throw Fault{place, "is null"};
  }

  void check(const Json& value, const MemberRow& row, const std::string& place) {
    switch (row.type) {
      case object:
        return check_object(value, row.of, place);
      case array:
        if (!value.is(Kind::array) || value.items.empty()) throw Fault{place, "a list is expected"};
        for (std::size_t i = 0; i < value.items.size(); ++i) {
          check_object(value.items[i], row.of, place + '/' + std::to_string(i));
        }
        return;
      case map:
      case text_map:
        return check_map(value, row, place);
      case date:
        return check_object(value, content::string_member(value, "@type") == "Timestamp" ? "Timestamp" : "PartialDate",
                            place);
      case set:
      case strings:
      case patches:
      case parameters:
      case properties:
        return check_collection(value, row.type, place);
      case boolean:
        if (!value.is(Kind::boolean)) throw Fault{place, "true or false is expected"};
        return;
      case number:
      case preference:
      case position:
        return check_number(value, row.type, place);
      default:
        return check_string(value, row.type, place);
    }
  }

  void check_map(const Json& value, const MemberRow& row, const std::string& place) {
    if (!value.is(Kind::object)) throw Fault{place, "an object is expected"};
    for (std::size_t i = 0; i < value.keys.size(); ++i) {
      const std::string inner = place + '/' + content::escape_token(value.keys[i]);
      if (row.type == map && !is_id(value.keys[i])) throw Fault{inner, "an Id has letters, digits, - and _"};
      check_object(value.items[i], row.of, inner);
    }
  }

  void check_collection(const Json& value, Type type, const std::string& place) {
    if (!value.is(type == properties ? Kind::array : Kind::object)) {
      throw Fault{place, type == properties ? "a list is expected" : "an object is expected"};
    }
    if (type == parameters) return check_parameters(value, place);
    if (type == properties) return check_properties(value, place);
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const std::string inner = place + '/' + content::escape_token(value.keys[i]);
      const Json& item = value.items[i];
      if (type == set && !(item.is(Kind::boolean) && item.text == "true")) throw Fault{inner, "true is expected"};
      if (type == strings && !item.is(Kind::string)) throw Fault{inner, "text is expected"};
      if (type != patches) continue;
      if (!is_language_tag(value.keys[i])) throw Fault{inner, "a language tag is expected"};
      if (!item.is(Kind::object)) throw Fault{inner, "a PatchObject is an object"};
    }
  }

  static void check_number(const Json& value, Type type, const std::string& place) {
    const unsigned least = type == number ? 0 : 1, most = type == preference ? 100 : 999'999'999;
    if (value.is(Kind::number) && content::small_number(value.text, least, most)) return;
    throw Fault{place, "a number from " + std::to_string(least) + " to " + std::to_string(most) + " is expected"};
  }

  static void check_string(const Json& value, Type type, const std::string& place) {
    if (!value.is(Kind::string)) throw Fault{place, "text is expected"};
    const std::string& text = value.text;
    if (type != string && text.empty()) throw Fault{place, "is empty"};
    if (type == uri && !is_plain_uri(text)) throw Fault{place, "a URI is expected"};
    if (type == geo && !is_geo_uri(text)) throw Fault{place, "a geo: URI is expected"};
    if (type == language && !is_language_tag(text)) throw Fault{place, "a language tag is expected"};
    if (type == country && text.size() != 2) throw Fault{place, "a country code has two letters"};
    if (type == date_time && !is_utc_date_time(text)) throw Fault{place, "a date and time in UTC is expected"};
    if (type == id && !is_id(text)) throw Fault{place, "an Id is expected"};
  }

  // RFC 9555 2.15.2
  static void check_parameters(const Json& value, const std::string& place) {
    constexpr std::size_t most = 200, most_values = 64;
    if (value.keys.size() > most) throw Fault{place, "too many parameters"};
    for (std::size_t i = 0; i < value.keys.size(); ++i) {
      const std::string inner = place + '/' + content::escape_token(value.keys[i]);
      const Json& item = value.items[i];
      const auto is_good = [](const Json& json) { return json.is(Kind::string) && is_clean(json.text); };
      const bool list = item.is(Kind::array) && item.items.size() <= most_values;
      const bool good = list ? std::all_of(item.items.begin(), item.items.end(), is_good) : is_good(item);
      if (!good) throw Fault{inner, "the value of a parameter is text"};
      const bool name = content::is_line_name(value.keys[i]);
      const bool group = value.keys[i] != "group" || (item.is(Kind::string) && content::is_line_name(item.text) &&
                                                      item.text.find('.') == std::string::npos);
      if (!name || !group) throw Fault{inner, "this can't be a name in vCard"};
    }
  }

  // RFC 9555 2.15.1
  static void check_properties(const Json& value, const std::string& place) {
    try {
      lines_of_properties(value);
    } catch (const content::MalformedJson& malformed) {
      throw Fault{place, malformed.what()};
    } catch (const content::Malformed& malformed) {
      throw Fault{place, malformed.what()};
    }
  }

  // RFC 9553 2.2.1.1, 2.5.1.1
  static void check_components(const Json& json, const std::string& place) {
    const Json* list = content::find_member(json, "components");
    const Json* is_ordered = content::find_member(json, "isOrdered");
    const bool ordered = is_ordered != nullptr && is_ordered->text == "true";
    if (content::has_member(json, "defaultSeparator") && (!ordered || list == nullptr)) {
      throw Fault{place + "/defaultSeparator", "components are not ordered"};
    }
    bool any = list == nullptr, last = false;
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      const std::string inner = place + "/components/" + std::to_string(i);
      const bool separator = content::string_member(list->items[i], "kind") == "separator";
      if (separator && !ordered) throw Fault{inner, "components are not ordered"};
      if (separator && last) throw Fault{inner, "two separators"};
      any = any || !separator;
      last = separator;
    }
    if (!any) throw Fault{place + "/components", "nothing but separators"};
    if (const Json* sort_as = content::find_member(json, "sortAs")) {
      for (const std::string& kind : sort_as->keys) {
        const bool there = list != nullptr && std::any_of(list->items.begin(), list->items.end(), [&](const Json& one) {
                             return content::string_member(one, "kind") == kind;
                           });
        if (!there) throw Fault{place + "/sortAs/" + content::escape_token(kind), "there is no such component"};
      }
    }
  }

  // RFC 9553 2.8.1
  static void check_partial_date(const Json& json, const std::string& place) {
    const auto has = [&](std::string_view name) { return content::has_member(json, name); };
    if (has("month") && !has("year") && !has("day")) throw Fault{place + "/month", "a year or a day is missing"};
    if (has("day") && !has("month")) throw Fault{place + "/day", "the month is missing"};
    const std::string value = date_value(json);
    const bool large = has("year") && content::find_member(json, "year")->text.size() > 4;
    if (!large && (value.empty() || !date_of(value))) throw Fault{place, "there is no such date"};
  }

  // RFC 9553 2.7.1
  void check_localizations(const Json& card) {
    const Json* all = content::find_member(card, "localizations");
    if (all == nullptr) return;
    constexpr std::size_t most_work = 10'000'000;
    Json original = card;
    content::remove_member(original, "localizations");
    if (all->keys.size() * count(original) > most_work) throw Fault{"/localizations", "too many languages"};
    for (std::size_t i = 0; i < all->keys.size(); ++i) {
      const std::string place = "/localizations/" + all->keys[i];
      std::vector<content::Patch> changes;
      for (std::size_t n = 0; n < all->items[i].keys.size(); ++n) {
        const std::string& pointer = all->items[i].keys[n];
        const std::string first = pointer.substr(0, pointer.find('/'));
        if (first == "localizations" || first == "vCardProps" || first == "@type") {
          throw Fault{place + '/' + content::escape_token(pointer), "this can't be localized"};
        }
        changes.emplace_back(pointer, all->items[i].items[n]);
      }
      Json localized = original;
      if (!content::apply_patches(localized, changes)) throw Fault{place, "the patches can't be applied"};
      try {
        check_object(localized, "Card", "");
      } catch (const Fault& fault) {
        throw Fault{place, fault.place + ' ' + fault.reason};
      }
    }
  }

  static std::size_t count(const Json& json) {
    std::size_t values = 1;
    for (const Json& item : json.items) values += count(item);
    return values;
  }
};

}  // namespace

std::string find_fault(const Json& card) {
  try {
    Checker().check_card(card);
  } catch (const Fault& fault) {
    return (fault.place.empty() ? "/" : fault.place) + ": " + fault.reason;
  }
  return {};
}

}  // namespace dav::contacts::jscontact
