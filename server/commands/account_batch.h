#pragma once

#include <istream>

#include "storage/accounts.h"

namespace server {

/// How many threads create_batch uses: twice as many as cores, since some hash while others wait for the same commit.
int batch_threads();

/// Creates an account for each line of NAME, ADDRESS and PASSWORD with tabs between, by several threads, since a
/// password takes its time to hash. Says on stderr what is wrong with a line, and goes on. Returns how many were wrong.
int create_batch(storage::Accounts& accounts, std::istream& lines);

}  // namespace server
