// What messages say: the index of searches by text.
#include "storage/mail.h"

namespace storage {

std::optional<std::vector<Uid>> Mail::holding(Id, SearchIn, std::string_view) { return std::nullopt; }

bool Mail::index_messages() { return false; }

}  // namespace storage
