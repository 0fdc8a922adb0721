#include "storage/sql/keywords.h"

#include <algorithm>
#include <stdexcept>

#include "storage/names.h"

namespace storage::sql {

namespace {

bool same(std::string_view one, std::string_view other) {
  return one.size() == other.size() && lower_case(one) == lower_case(other);
}

std::vector<std::string> words_of(std::string_view keywords) {
  std::vector<std::string> words;
  while (!keywords.empty()) {
    const std::size_t end = std::min(keywords.find(' '), keywords.size());
    words.emplace_back(keywords.substr(0, end));
    keywords.remove_prefix(std::min(end + 1, keywords.size()));
  }
  return words;
}

const std::string* find(const std::vector<std::string>& words, std::string_view word) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& each) { return same(each, word); });
  return found == words.end() ? nullptr : &*found;
}

}  // namespace

std::string keywords_of(std::vector<std::string> keywords) {
  for (const std::string& keyword : keywords) {
    if (keyword.empty() || keyword.find(' ') != std::string::npos) throw std::logic_error("no keyword");
  }
  std::stable_sort(keywords.begin(), keywords.end(),
                   [](const auto& one, const auto& other) { return lower_case(one) < lower_case(other); });
  keywords.erase(std::unique(keywords.begin(), keywords.end(), same), keywords.end());
  std::string joined;
  for (const std::string& keyword : keywords) joined.append(joined.empty() ? "" : " ").append(keyword);
  return joined;
}

std::string changed_keywords(std::string_view keywords, const FlagChange& change) {
  std::vector<std::string> now = words_of(keywords);
  if (change.way == FlagChange::Way::remove) {
    std::erase_if(now, [&](const std::string& word) { return find(change.keywords, word) != nullptr; });
    return keywords_of(std::move(now));
  }
  std::vector<std::string> next;
  if (change.way == FlagChange::Way::add) next = now;
  for (const std::string& keyword : change.keywords) {
    const std::string* spelled = find(now, keyword);
    next.push_back(spelled != nullptr ? *spelled : keyword);
  }
  return keywords_of(std::move(next));
}

}  // namespace storage::sql
