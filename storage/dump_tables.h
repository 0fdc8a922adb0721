#pragma once

#include <span>

namespace storage {

/// How a table is written into a backup and read from it: all of its columns, the primary key first.
struct DumpTable {
  const char* name;
  const char* types;   ///< of each column: i an integer, t a text, b octets; any may be NULL
  int keys;            ///< so many columns are the key
  const char* select;  ///< a page of at most dump_page rows behind the key $1 …, in its order
  const char* insert;
};

inline constexpr int dump_page = 500;

/// All tables but those that describe the store itself and those of the index of texts, which is derived anew; each
/// after those that it refers to.
std::span<const DumpTable> dump_tables();

}  // namespace storage
