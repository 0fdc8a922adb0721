#pragma once

#include <string_view>
#include <vector>

namespace storage {

/// One numbered file of storage/schema, embedded at build time.
struct SchemaStep {
  int number;
  std::string_view name;
  std::string_view sql;
};

/// All of them, in order.
const std::vector<SchemaStep>& schema_steps();

}  // namespace storage
