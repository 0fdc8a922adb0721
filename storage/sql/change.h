#pragma once

namespace storage::sql {

// What a row of the table revision tells of.
constexpr int revision_put = 1;
constexpr int revision_remove = 2;
constexpr int revision_move = 3;

// Where the bytes of a row of the table blob are.
constexpr int place_row = 0;
constexpr int place_file = 1;

}  // namespace storage::sql
