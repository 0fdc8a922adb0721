#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/principal.h"
#include "storage/spool.h"

namespace dav {

/// Header fields in the order received; names compare without regard to case (RFC 9110 5.1).
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  /// The value of the first field of that name; nothing if there is none.
  std::optional<std::string_view> find(std::string_view name) const;

  /// All values of that name joined by ", " (RFC 9110 5.3); nothing if there is none.
  std::optional<std::string> joined(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// One request, framed and authenticated; no socket behind it, so that a test needs none.
struct Request {
  std::string method;
  std::string path;   ///< absolute path of the request target as sent, percent-encoded, without the query
  std::string query;  ///< what follows '?', as sent
  Headers headers;
  storage::Spool body;

  std::optional<storage::Principal> principal;  ///< who asks; nothing before and without authentication
  std::string client;                           ///< the client's address, after trusted proxies
  std::string scheme = "https";                 ///< as the client sees it, after trusted proxies
  std::string authority;                        ///< Host, as the client sees it
  std::string id;                               ///< names the request in the log
};

}  // namespace dav
