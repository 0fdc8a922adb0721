#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/mail.h"

namespace storage::sql {

/// Keywords as MessageFlags has them. Throws std::logic_error for one that is empty or has a space in it.
std::string keywords_of(std::vector<std::string> keywords);

/// What a change makes of the keywords of a message. Those that it has keep their spelling.
std::string changed_keywords(std::string_view keywords, const FlagChange& change);

}  // namespace storage::sql
