#pragma once

#include <vector>

#include "storage/store.h"

namespace storage {

/// The members of which the index of texts doesn't hold exactly the grams that the rows of card_fact say it does.
std::vector<Id> members_with_other_grams(Transaction& transaction);

}  // namespace storage
