#include <algorithm>
#include <array>
#include <charconv>
#include <map>
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

constexpr int no_preference = 101;

/// PREF (RFC 6350 5.3); 101 where there is none.
int preference_of(const Line& line) {
  const std::string text = line.parameter("PREF");
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = error == std::errc() && end == text.data() + text.size();
  return read && value >= 1 && value <= 100 ? value : no_preference;
}

/// What a parameter of 3.0 can hold: no quotes and no line ends.
bool is_plain(const LineParameter& parameter) {
  return std::none_of(parameter.values.begin(), parameter.values.end(),
                      [](const std::string& value) { return value.find_first_of("\"\n\r") != std::string::npos; });
}

bool is_known_v3(const LineParameter& parameter) {
  static constexpr std::array<std::string_view, 9> kinds{"text",    "uri",     "date",  "date-time", "time",
                                                         "integer", "boolean", "float", "utc-offset"};
  const std::string& name = parameter.name;
  if (!is_plain(parameter)) return false;
  if (equal_ignoring_case(name, "TYPE") || equal_ignoring_case(name, "LANGUAGE")) return true;
  if (equal_ignoring_case(name, "ENCODING")) return true;
  if (equal_ignoring_case(name, "VALUE")) {
    return !parameter.values.empty() && std::any_of(kinds.begin(), kinds.end(), [&](std::string_view kind) {
      return equal_ignoring_case(kind, parameter.values.front());
    });
  }
  return name.size() > 2 && equal_ignoring_case(std::string_view(name).substr(0, 2), "X-");
}

/// Parameters of 3.0 get their names back; what 3.0 doesn't have is carried.
void change_parameters(Line& line) {
  for (LineParameter& parameter : line.parameters) {
    if (has_prefix(parameter.name, only_v3) && !equal_ignoring_case(parameter.name, only_mark) && is_plain(parameter)) {
      parameter.name.erase(0, only_v3.size());
    } else if (equal_ignoring_case(parameter.name, "SERVICE-TYPE") && line.is("IMPP") && is_plain(parameter)) {
      parameter.name = "X-SERVICE-TYPE";
    } else if (!is_known_v3(parameter)) {
      parameter.name.insert(0, only_v4);
      for (std::string& value : parameter.values) value = carried(value);
    }
  }
}

/// One card on its way.
class ToV3 {
 public:
  explicit ToV3(const std::vector<Line>& lines) : groups_(lines) {
    for (const Line& line : lines) {
      int& least = preferences_.try_emplace(content::upper(line.name), no_preference).first->second;
      least = std::min(least, preference_of(line));
      if (line.is("X-ABShowAs")) shows_as_ = true;
    }
  }

  void change(Line line) {
    std::vector<Line> behind;
    change_preference(line);
    if (has_prefix(line.name, only_v3)) {
      if (may_return(line.name.substr(only_v3.size()))) line.name.erase(0, only_v3.size());
    } else if (!restore(line) && !change_identity(line, behind) && !change_contact(line, behind) &&
               is_only_v4(line.name)) {
      line.name.insert(0, only_v4);
    }
    change_parameters(line);
    lines_.push_back(std::move(line));
    std::move(behind.begin(), behind.end(), std::back_inserter(lines_));
  }

  // RFC 2426 3.1.2: N is there always.
  std::vector<Line> finish() {
    const auto is = [](std::string_view name) { return [name](const Line& line) { return line.is(name); }; };
    if (std::any_of(lines_.begin(), lines_.end(), is("N"))) return std::move(lines_);
    const auto formatted = std::find_if(lines_.begin(), lines_.end(), is("FN"));
    if (formatted == lines_.end()) return std::move(lines_);
    Line name{{}, "N", {}, nobody_ ? ";;;;" : name_from(formatted->value)};
    name.set(only_mark, "name");
    lines_.insert(formatted + 1, std::move(name));
    return std::move(lines_);
  }

 private:
  // RFC 6350 5.3: 1 is the most preferred, but the least there is will do.
  void change_preference(Line& line) {
    const int preference = preference_of(line);
    if (preference == no_preference) return;
    if (preference == preferences_[content::upper(line.name)] && !line.has_type("pref")) line.add("TYPE", "pref");
    if (preference == 1) line.remove("PREF");
  }

  void carry(Line& line) { line.name.insert(0, only_v4); }

  /// What had another name in 3.0 gets it back, if it still can.
  bool restore(Line& line) {
    const std::string name = line.parameter(name_mark);
    if (name.empty()) return false;
    line.remove(name_mark);
    if (name == "AGENT" && line.is("RELATED") && is_uri(line.value)) {
      line.remove_type("agent");
      line.set("VALUE", "uri");
      line.name = name;
      return true;
    }
    const Alias* alias = find_alias(name);
    if (alias == nullptr || !line.is(alias->name_v4) || !restore_value(line, *alias)) return false;
    line.name = alias->name_v3;
    return true;
  }

  static bool restore_value(Line& line, const Alias& alias) {
    if (alias.name_v4 == "ANNIVERSARY") return date_to_v3(line);
    if (alias.name_v4 == "RELATED") {
      if (!equal_ignoring_case(line.parameter("VALUE"), "text") || !line.remove_type(alias.detail)) return false;
      line.remove("VALUE");
      return true;
    }
    const std::string prefix = std::string(alias.detail) + ':';
    if (!line.value.starts_with(prefix)) return false;
    const std::string text = content::decode_percent(std::string_view(line.value).substr(prefix.size()));
    if (!is_clean(text)) return false;
    line.value = content::escape_text(text);
    return true;
  }

  void change_kind(Line& line) {
    if (equal_ignoring_case(line.value, "group")) {
      nobody_ = true;
      line.name = "X-ADDRESSBOOKSERVER-KIND";
    } else if (equal_ignoring_case(line.value, "org") && !shows_as_) {
      nobody_ = true;
      line.name = "X-ABShowAs";
      line.value = "COMPANY";
    } else {
      carry(line);
    }
  }

  /// RFC 6350 6.1, 6.2, 6.6, 6.7, 6.8; whether the name is one of these.
  bool change_identity(Line& line, std::vector<Line>& behind) {
    if (line.is("BDAY")) {
      if (!date_to_v3(line)) carry(line);
    } else if (line.is("REV")) {
      if (!timestamp_to_v3(line)) carry(line);
    } else if (line.is("UID")) {
      uri_or_text_to_v3(line);
    } else if (line.is("N")) {
      change_name(line, behind);
    } else if (line.is("PHOTO") || line.is("LOGO") || line.is("SOUND") || line.is("KEY")) {
      media_to_v3(line);
    } else if (line.is("GENDER") && is_gender(line.value)) {
      line.name = "X-GENDER";
    } else if (line.is("KIND")) {
      change_kind(line);
    } else if (line.is("MEMBER")) {
      line.name = "X-ADDRESSBOOKSERVER-MEMBER";
      line.remove("VALUE");
    } else if (line.is("ANNIVERSARY")) {
      const std::string& label = groups_.label_of(line);
      if ((!label.empty() && label != anniversary_label) || !date_to_v3(line)) return false;
      line.name = "X-ABDATE";
      if (label.empty()) behind.push_back(groups_.make_label(line, anniversary_label));
    } else {
      return false;
    }
    return true;
  }

  /// RFC 6350 6.3 to 6.6
  bool change_contact(Line& line, std::vector<Line>& behind) {
    if (line.is("ADR")) {
      components_to_v3(line, 7);
      behind = part_label(line);
    } else if (line.is("TEL")) {
      telephone_to_v3(line);
    } else if (line.is("TZ")) {
      time_zone_to_v3(line);
    } else if (line.is("GEO")) {
      if (!position_to_v3(line)) carry(line);
    } else if (line.is("SOCIALPROFILE")) {
      change_profile(line);
    } else if (line.is("RELATED")) {
      return change_related(line, behind);
    } else {
      return false;
    }
    return true;
  }

  void change_name(Line& line, std::vector<Line>& behind) {
    // Another in another script or language (RFC 6350 5.4); 3.0 has one.
    if (named_) return carry(line);
    named_ = true;
    components_to_v3(line, 5);
    behind = part_sort_string(line);
  }

  bool change_related(Line& line, std::vector<Line>& behind) {
    if (!equal_ignoring_case(line.parameter("VALUE"), "text")) return false;
    const std::string& label = groups_.label_of(line);
    if (!label.empty()) {
      const auto type = related_type(label);
      if (!type.empty() && !line.remove_type(type)) return false;
    } else if (const LineParameter* types = line.find("TYPE")) {
      const auto known = std::find_if(types->values.begin(), types->values.end(), is_related_type);
      if (known != types->values.end()) {
        const std::string type = *known;
        line.remove_type(type);
        behind.push_back(groups_.make_label(line, related_label(type)));
      }
    }
    line.remove("VALUE");
    line.name = "X-ABRELATEDNAMES";
    return true;
  }

  // RFC 9554 3.5
  static void change_profile(Line& line) {
    line.name = "X-SOCIALPROFILE";
    uri_or_text_to_v3(line);
    LineParameter* user = line.find("USERNAME");
    if (user != nullptr && is_plain(*user)) user->name = "X-USER";
    const std::string service = line.parameter("SERVICE-TYPE");
    const bool token = !service.empty() && std::all_of(service.begin(), service.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    if (!token || equal_ignoring_case(service, "home") || equal_ignoring_case(service, "work") ||
        equal_ignoring_case(service, "pref") || line.has_type(service)) {
      return;
    }
    line.remove("SERVICE-TYPE");
    line.add("TYPE", service);
    auto& types = line.find("TYPE")->values;
    std::rotate(types.begin(), types.end() - 1, types.end());
  }

  Groups groups_;
  std::map<std::string, int> preferences_;  ///< the least PREF of each name
  std::vector<Line> lines_;
  bool shows_as_ = false;
  bool named_ = false;
  bool nobody_ = false;  ///< a group or a firm
};

}  // namespace

std::vector<Line> to_v3(std::vector<Line> lines) {
  ToV3 card(lines);
  for (Line& line : lines) card.change(std::move(line));
  return card.finish();
}

}  // namespace dav::contacts
