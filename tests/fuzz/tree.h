#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dav/dispatch.h"
#include "dav/xml.h"
#include "storage/accounts.h"

namespace fuzz {

/// The tree of one account, ada, over a store of its own, in memory where the system has that.
class Tree {
 public:
  Tree() {
    auto pattern = std::string(::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + "/pileus-fuzz.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    folder_ = pattern;
    storage::StoreOptions options;
    options.directory = folder_ / "store";
    store_ = storage::open_store(options);
    storage::Account account;
    account.name = "ada";
    account.addresses = {"ada@example.org"};
    principal_.name = account.name;
    principal_.account = storage::Accounts(*store_, {1, 64, std::chrono::seconds(600), 5, std::chrono::seconds(900)})
                             .create(account, "a password")
                             .id;
    service_ = std::make_unique<dav::Service>(*store_, dav::Settings());
  }
  ~Tree() {
    service_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  struct Asked {
    std::string_view method;
    std::string path;
    std::string query;
    std::vector<std::pair<std::string, std::string>> headers;
  };

  /// Whatever comes, it is answered, and not by saying that something went wrong here; what is called XML is XML.
  dav::Response answer(const Asked& asked, std::string_view body = {}) const {
    dav::Request request;
    request.method = asked.method;
    request.path = asked.path;
    request.query = asked.query;
    for (const auto& [name, value] : asked.headers) request.headers.add(name, value);
    request.scheme = "https";
    request.authority = "example.org";
    request.principal = principal_;
    request.body = storage::Spool(body);
    dav::Response response = service_->handle(std::move(request));
    if (response.status >= 500 && response.status != 501 && response.status != 507) std::abort();
    const std::string type(response.headers.find("Content-Type").value_or(""));
    if (type.starts_with("application/xml")) dav::xml::Document::parse(body_of(response));
    return response;
  }

  static std::string body_of(const dav::Response& response) {
    std::string all;
    for (const auto& segment : response.body) all += segment.bytes;
    return all;
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<storage::Store> store_;
  storage::Principal principal_;
  std::unique_ptr<dav::Service> service_;
};

/// A tree that others have used before, but not too often: what has been removed takes room.
inline Tree& used_tree() {
  constexpr int most_uses = 5000;
  static std::unique_ptr<Tree> tree;
  static int uses = most_uses;
  if (uses++ == most_uses) {
    tree.reset();
    tree = std::make_unique<Tree>();
    uses = 1;
  }
  return *tree;
}

}  // namespace fuzz
