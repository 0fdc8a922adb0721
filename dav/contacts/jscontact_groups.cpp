#include <algorithm>

#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_object.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

CardGroups::CardGroups(const std::vector<Line>& lines, const std::vector<bool>& kept) : lines_(lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].group.empty()) continue;
    Group& group = groups_[content::upper(lines[i].group)];
    group.kept = group.kept || kept[i];
    group.lines.push_back(i);
    if (lines[i].is("ORG")) group.organizations.push_back(i);
    if (lines[i].is("TITLE") || lines[i].is("ROLE")) ++group.titles;
    if (lines[i].is("X-ABLabel")) group.labels.push_back(i);
  }
  for (auto& [name, group] : groups_) {
    const bool one = group.lines.size() == 2 && group.labels.size() == 1 && !group.kept;
    if (!one) continue;
    const std::size_t label = group.labels.front();
    const std::size_t other = group.lines[0] == label ? group.lines[1] : group.lines[0];
    const std::string text = content::unescape_text(lines[label].value);
    if (!has_label(map_of(lines[other])) || text.empty() || !lines[label].parameters.empty()) continue;
    group.label = text;
    labels_.insert(label);
  }
}

const CardGroups::Group* CardGroups::find(std::size_t line) const {
  if (lines_[line].group.empty()) return nullptr;
  const auto found = groups_.find(content::upper(lines_[line].group));
  return found == groups_.end() ? nullptr : &found->second;
}

std::string CardGroups::label_of(std::size_t line) const {
  const Group* group = find(line);
  return group == nullptr ? std::string() : group->label;
}

std::size_t CardGroups::organization_of(std::size_t line) const {
  const Group* group = find(line);
  const bool title = lines_[line].is("TITLE") || lines_[line].is("ROLE");
  return group == nullptr || !title || group->organizations.size() != 1 ? line : group->organizations.front();
}

bool CardGroups::is_kept(std::size_t line) const {
  const Group* group = find(line);
  if (group == nullptr || !group->label.empty()) return false;
  return group->kept || group->organizations.size() != 1 || group->titles == 0 ||
         group->titles + 1 != group->lines.size();
}

}  // namespace dav::contacts::jscontact
