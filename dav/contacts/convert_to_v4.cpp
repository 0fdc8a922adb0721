#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "dav/contacts/convert.h"
#include "dav/contacts/convert_groups.h"
#include "dav/contacts/convert_tables.h"
#include "dav/contacts/convert_value.h"
#include "dav/content/encoding.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::equal_ignoring_case;

/// What 4.0 has no parameter for; of VALUE, the kinds that it doesn't have.
bool is_only_v3(const LineParameter& parameter) {
  static constexpr std::array<std::string_view, 3> names{"ENCODING", "CHARSET", "CONTEXT"};
  static constexpr std::array<std::string_view, 3> kinds{"binary", "phone-number", "vcard"};
  const auto same = [](std::string_view text) {
    return [text](std::string_view each) { return equal_ignoring_case(each, text); };
  };
  if (std::any_of(names.begin(), names.end(), same(parameter.name))) return true;
  return equal_ignoring_case(parameter.name, "VALUE") && !parameter.values.empty() &&
         std::any_of(kinds.begin(), kinds.end(), same(parameter.values.front()));
}

/// Parameters of 4.0 get their names back; those of 3.0 alone are carried; `TYPE=pref` is PREF=1 (RFC 6350 5.3).
void change_parameters(Line& line) {
  std::vector<LineParameter> back;
  for (LineParameter& parameter : line.parameters) {
    if (has_prefix(parameter.name, only_v4)) {
      parameter.name.erase(0, only_v4.size());
      for (std::string& value : parameter.values) value = uncarried(value);
      back.push_back(std::exchange(parameter, {}));  // what is left has no name, and goes
    } else if (equal_ignoring_case(parameter.name, "X-SERVICE-TYPE") && line.is("IMPP")) {
      parameter.name = "SERVICE-TYPE";
    } else if (is_only_v3(parameter)) {
      parameter.name.insert(0, only_v3);
    }
  }
  line.remove("");
  for (LineParameter& parameter : back) {
    line.remove(parameter.name);
    line.parameters.push_back(std::move(parameter));
  }
  if (line.find("PREF") != nullptr) {
    line.remove_type("pref");
  } else if (line.remove_type("pref")) {
    line.set("PREF", "1");
  }
}

void mark(Line& line, std::string_view name_v4) {
  line.set(name_mark, line.name);
  line.name = name_v4;
}

/// One card on its way.
class ToV4 {
 public:
  explicit ToV4(const std::vector<Line>& lines) : groups_(lines) {
    for (const Line& line : lines) {
      if (line.is("KIND") || line.is("X-ADDRESSBOOKSERVER-KIND")) has_kind_ = true;
      if (line.is("IMPP")) messengers_.insert(line.value);
      if (line.is("FN") && formatted_name_.empty()) formatted_name_ = line.value;
      if (line.is("X-ABLabel") && line.parameter(only_mark) == "group") made_groups_.insert(content::upper(line.group));
    }
  }

  void change(Line& line) {
    if (has_prefix(line.name, only_v4)) {
      if (may_return(line.name.substr(only_v4.size()))) line.name.erase(0, only_v4.size());
    } else if (const Alias* alias = find_alias(line.name)) {
      change_alias(line, *alias);
    } else if (!change_identity(line) && !change_contact(line) && dav::contacts::is_only_v3(line.name)) {
      line.name.insert(0, only_v3);
    }
    change_parameters(line);
  }

  /// Whether the line stands there for 3.0 alone. What somebody has written since is no such line any more.
  bool is_dispensable(Line& line) const {
    if (line.find(only_mark) == nullptr) return false;
    const std::string label = content::unescape_text(line.value);
    if (line.is("N") && (line.value == ";;;;" || line.value == name_from(formatted_name_))) return true;
    if (line.is("X-ABLabel") && (label == anniversary_label || !related_type(label).empty())) return true;
    line.remove(only_mark);
    return false;
  }

 private:
  void keep_or_carry(Line& line, bool changed) {
    if (!changed) line.name.insert(0, only_v3);
  }

  /// RFC 6350 6.1, 6.2, 6.6, 6.7, 6.8; whether the name is one of these.
  bool change_identity(Line& line) {
    if (line.is("BDAY")) {
      keep_or_carry(line, date_to_v4(line));
    } else if (line.is("REV")) {
      keep_or_carry(line, timestamp_to_v4(line));
    } else if (line.is("UID")) {
      uri_or_text_to_v4(line);
    } else if (line.is("N")) {
      components_to_v4(line, 5);
    } else if (line.is("PHOTO") || line.is("LOGO") || line.is("SOUND") || line.is("KEY")) {
      media_to_v4(line);
    } else if (line.is("X-GENDER")) {
      if (is_gender(line.value)) line.name = "GENDER";
    } else if (line.is("X-ADDRESSBOOKSERVER-KIND")) {
      if (equal_ignoring_case(line.value, "group")) line.name = "KIND";
    } else if (line.is("X-ADDRESSBOOKSERVER-MEMBER")) {
      line.name = "MEMBER";
    } else if (line.is("X-ABShowAs")) {
      if (!has_kind_ && equal_ignoring_case(line.value, "COMPANY")) {
        line.name = "KIND";
        line.value = "org";
        has_kind_ = true;
      }
    } else if (line.is("ANNIVERSARY")) {
      date_to_v4(line);
    } else {
      return false;
    }
    return true;
  }

  /// RFC 6350 6.3 to 6.6, and what Apple's programs have in groups with a label.
  bool change_contact(Line& line) {
    if (line.is("ADR")) {
      components_to_v4(line, 7);
    } else if (line.is("TEL")) {
      telephone_to_v4(line);
    } else if (line.is("EMAIL")) {
      line.remove_type("INTERNET");  // RFC 2426 3.3.2: what an address is without it
    } else if (line.is("TZ")) {
      time_zone_to_v4(line);
    } else if (line.is("GEO")) {
      keep_or_carry(line, position_to_v4(line));
    } else if (line.is("X-SOCIALPROFILE")) {
      change_profile(line);
    } else if (line.is("X-ABDATE")) {
      if (groups_.label_of(line) == anniversary_label && date_to_v4(line)) rename_grouped(line, "ANNIVERSARY");
    } else if (line.is("X-ABRELATEDNAMES")) {
      const auto type = related_type(groups_.label_of(line));
      if (!type.empty() && !line.has_type(type)) line.add("TYPE", std::string(type));
      line.set("VALUE", "text");
      rename_grouped(line, "RELATED");
    } else if (line.is("AGENT") && equal_ignoring_case(line.parameter("VALUE"), "uri")) {
      line.remove("VALUE");
      line.add("TYPE", "agent");
      mark(line, "RELATED");
    } else {
      return false;
    }
    return true;
  }

  void rename_grouped(Line& line, std::string_view name) {
    line.name = name;
    if (made_groups_.contains(content::upper(line.group))) line.group.clear();
  }

  void change_alias(Line& line, const Alias& alias) {
    if (alias.name_v4 == "ANNIVERSARY") {
      if (date_to_v4(line)) mark(line, alias.name_v4);
    } else if (alias.name_v4 == "RELATED") {
      if (line.has_type(alias.detail)) return;
      line.add("TYPE", std::string(alias.detail));
      line.set("VALUE", "text");
      mark(line, alias.name_v4);
    } else {
      const std::string name = content::unescape_text(line.value);
      const std::string uri = std::string(alias.detail) + ':' + content::encode_percent(name, "-._~@+!$&'()*,;=:/?");
      // Some programs write both; and some a URI already.
      if (name.starts_with(std::string(alias.detail) + ':') || !messengers_.insert(uri).second) return;
      line.value = uri;
      mark(line, alias.name_v4);
    }
  }

  // RFC 9554 3.5
  void change_profile(Line& line) {
    line.name = "SOCIALPROFILE";
    uri_or_text_to_v4(line);
    if (LineParameter* user = line.find("X-USER")) user->name = "USERNAME";
    const LineParameter* types = line.find("TYPE");
    if (types == nullptr || line.find("X-VCARD4-SERVICE-TYPE") != nullptr) return;
    const auto service = std::find_if(types->values.begin(), types->values.end(), [](const std::string& type) {
      return !equal_ignoring_case(type, "home") && !equal_ignoring_case(type, "work") &&
             !equal_ignoring_case(type, "pref");
    });
    if (service == types->values.end()) return;
    const std::string name = *service;
    line.remove_type(name);
    line.set("SERVICE-TYPE", name);
  }

  Groups groups_;
  std::set<std::string> messengers_;
  std::set<std::string> made_groups_;
  std::string formatted_name_;
  bool has_kind_ = false;
};

}  // namespace

std::vector<Line> to_v4(std::vector<Line> lines) {
  ToV4 card(lines);
  std::vector<Line> kept;
  kept.reserve(lines.size());
  for (Line& line : lines) {
    if (!card.is_dispensable(line)) kept.push_back(std::move(line));
  }
  lines = std::move(kept);
  join_labels(lines);
  join_sort_string(lines);
  for (Line& line : lines) card.change(line);
  return lines;
}

std::string converted(const Card& card, Version to) {
  if (card.version() == to) return card.bytes();
  auto lines = read_lines(card.component(), card.version());
  return write_card(to == Version::v4 ? to_v4(std::move(lines)) : to_v3(std::move(lines)), to);
}

}  // namespace dav::contacts
