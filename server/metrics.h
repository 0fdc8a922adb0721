#pragma once

#include <string>

#include "server/http_metrics.h"
#include "server/loop.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace server {

/// What the kernel says of this process.
struct ProcessFigures {
  std::uint64_t resident_octets = 0;
  double cpu_seconds = 0;
  std::uint64_t descriptors = 0;
  double start_time = 0;  ///< seconds since 1970
};

ProcessFigures process_figures();

/// Everything that /metrics shows, as it stands now.
struct Figures {
  const HttpMetrics& http;
  const LoopMetrics& loop;
  storage::StoreFigures store;
  storage::Accounts::Figures accounts;
  ProcessFigures process;
};

/// The text that Prometheus reads (exposition format 0.0.4).
std::string metrics_text(const Figures& figures);

}  // namespace server
