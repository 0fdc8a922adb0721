#include "mail/sieve/managesieve.h"

namespace mail::sieve {

namespace {

class Closed final : public Dialogue {
 public:
  void opened(Connection& connection) override {
    connection.send("BYE \"not here yet\"\r\n");
    connection.close();
  }
  std::size_t received(std::string_view bytes, Connection&) override { return bytes.size(); }
  void expired(Connection& connection) override { connection.close(); }
  void drain(Connection& connection) override { connection.close(); }
};

class Closing final : public Protocol {
 public:
  std::unique_ptr<Dialogue> open(const Peer&) override { return std::make_unique<Closed>(); }
};

}  // namespace

std::shared_ptr<Protocol> managesieve(const Services&) { return std::make_shared<Closing>(); }

}  // namespace mail::sieve
