#include "storage/accounts.h"

#include <catch2/catch.hpp>

#include "storage/throttle.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::Place;

namespace {

// Cheap, so that the tests are quick.
PasswordPolicy cheap() {
  PasswordPolicy policy;
  policy.argon2_passes = 1;
  policy.argon2_memory_kib = 64;
  return policy;
}

struct People {
  explicit People(const testing::Backend& backend)
      : place(backend.place()), store(place->open()), accounts(*store, cheap()) {
    Account wanted;
    wanted.name = "Ada";
    wanted.addresses = {"Ada@Pileus.test", "countess@pileus.test"};
    ada = accounts.create(wanted, "secret");
  }

  LoginOutcome login(const std::string& name, const std::string& password, const std::string& address = "192.0.2.1") {
    return accounts.authenticate(name, password, address, "test/1").outcome;
  }

  std::unique_ptr<Place> place;
  std::unique_ptr<Store> store;
  Accounts accounts;
  Account ada;
};

}  // namespace

TEST_CASE("an account logs in by its name and by its addresses") {
  People people(GENERATE(from_range(backends())));
  for (const char* name : {"ada", "ADA", "ada@pileus.test", "Countess@pileus.test"}) {
    const Login login = people.accounts.authenticate(name, "secret", "192.0.2.1", "");
    REQUIRE(login.outcome == LoginOutcome::accepted);
    CHECK(login.principal->account == people.ada.id);
    CHECK(login.principal->name == "ada");
    CHECK(login.principal->credential == 0);
    CHECK_FALSE(login.principal->scope.read_only);
  }
  CHECK(people.login("ada", "Secret") == LoginOutcome::refused);
  CHECK(people.login("ada", "") == LoginOutcome::refused);
  CHECK(people.login("bob", "secret") == LoginOutcome::refused);
  CHECK(people.login("", "secret") == LoginOutcome::refused);
  CHECK(people.login("ada", std::string(5000, 'x')) == LoginOutcome::refused);
}

TEST_CASE("an account is made with its collections") {
  People people(GENERATE(from_range(backends())));
  people.store->read([&](Transaction& transaction) {
    std::vector<std::string> names;
    for (const auto kind :
         {CollectionKind::calendar_home, CollectionKind::addressbook_home, CollectionKind::file_home}) {
      for (const Member& child : transaction.children(transaction.home(people.ada.id, kind)->id)) {
        names.push_back(child.name + " " + transaction.collection(child.child)->components);
      }
    }
    CHECK(names == std::vector<std::string>{"calendar VEVENT", "inbox ", "outbox ", "tasks VTODO", "contacts "});
  });
}

TEST_CASE("names and addresses that can't be are refused") {
  People people(GENERATE(from_range(backends())));
  for (const char* name : {"", ".", "..", "a/b", "-a", "a b", "\xc3\xa9", "a:b"}) {
    Account wanted;
    wanted.name = name;
    CHECK_THROWS_AS(people.accounts.create(wanted, "x"), std::invalid_argument);
  }
  for (const char* address : {"x", "@x", "x@", "a@b@c", "a b@c", "<a@b>"}) {
    Account wanted;
    wanted.name = "bob";
    wanted.addresses = {address};
    CHECK_THROWS_AS(people.accounts.create(wanted, "x"), std::invalid_argument);
  }
  Account wanted;
  wanted.name = "ADA";
  CHECK_THROWS_AS(people.accounts.create(wanted, "x"), DuplicateName);
  wanted.name = "bob";
  wanted.addresses = {"countess@pileus.test"};
  CHECK_THROWS_AS(people.accounts.create(wanted, "x"), DuplicateName);
  wanted.name = "countess@pileus.test";
  wanted.addresses = {};
  CHECK_THROWS_AS(people.accounts.create(wanted, "x"), DuplicateName);
  // Nothing of a refused account is left behind.
  CHECK_FALSE(people.store->read([](Transaction& transaction) { return transaction.account_named("bob"); }));
}

TEST_CASE("a verified password is remembered") {
  People people(GENERATE(from_range(backends())));
  const auto before = people.accounts.figures().argon2_runs;
  for (int i = 0; i < 10; ++i) REQUIRE(people.login("ada", "secret") == LoginOutcome::accepted);
  CHECK(people.accounts.figures().argon2_runs == before + 1);
  CHECK(people.accounts.figures().accepted == 10);
}

TEST_CASE("a changed password counts at once, also when another process changed it") {
  People people(GENERATE(from_range(backends())));
  CHECK(people.login("ada", "secret") == LoginOutcome::accepted);
  const auto other_store = people.place->open();
  Accounts other(*other_store, cheap());
  other.set_password(people.ada.id, "new");
  CHECK(people.login("ada", "secret") == LoginOutcome::refused);
  CHECK(people.login("ada", "new") == LoginOutcome::accepted);
  CHECK_THROWS_AS(other.set_password(people.ada.id + 100, "new"), std::invalid_argument);
  CHECK_THROWS_AS(other.set_password(people.ada.id, ""), std::invalid_argument);
}

TEST_CASE("a disabled or removed account is refused at once") {
  People people(GENERATE(from_range(backends())));
  const std::string app = people.accounts.create_credential(people.ada.id, "phone", {}, {});
  CHECK(people.login("ada", "secret") == LoginOutcome::accepted);
  people.store->write([&](Transaction& transaction) {
    Account account = *transaction.account(people.ada.id);
    account.disabled = true;
    transaction.update_account(account);
  });
  CHECK(people.login("ada", "secret") == LoginOutcome::refused);
  CHECK(people.login("ada", app) == LoginOutcome::refused);
  people.store->write([&](Transaction& transaction) { transaction.remove_account(people.ada.id); });
  CHECK(people.login("ada", "secret") == LoginOutcome::refused);
  CHECK(people.login("ada", app) == LoginOutcome::refused);
}

TEST_CASE("app passwords have a scope, a last use, an end") {
  People people(GENERATE(from_range(backends())));
  const std::string password = people.accounts.create_credential(people.ada.id, "phone", {true, false, true}, {});
  CHECK(password.size() == 32);
  const Login login = people.accounts.authenticate("ada", password, "192.0.2.7", "Phone/1");
  REQUIRE(login.outcome == LoginOutcome::accepted);
  CHECK(login.principal->scope.dav);
  CHECK_FALSE(login.principal->scope.mail);
  CHECK(login.principal->scope.read_only);
  CHECK(login.principal->credential > 0);

  auto credentials = people.accounts.credentials(people.ada.id);
  REQUIRE(credentials.size() == 1);
  CHECK(credentials[0].id == login.principal->credential);
  CHECK(credentials[0].label == "phone");
  CHECK(credentials[0].last_used);
  CHECK(credentials[0].last_address == "192.0.2.7");
  CHECK(credentials[0].last_client == "Phone/1");

  // As people type it.
  std::string typed;
  for (const char c : password) {
    if (c != '-') typed += static_cast<char>(std::toupper(c));
  }
  CHECK(people.login("ada", typed) == LoginOutcome::accepted);
  // Not another's.
  Account wanted;
  wanted.name = "bob";
  const Account bob = people.accounts.create(wanted, "x");
  CHECK(people.login("bob", password) == LoginOutcome::refused);
  CHECK_FALSE(people.accounts.revoke_credential(bob.id, credentials[0].id));

  // Revoked by another process.
  const auto other_store = people.place->open();
  CHECK(Accounts(*other_store, cheap()).revoke_credential(people.ada.id, credentials[0].id));
  CHECK(people.login("ada", password) == LoginOutcome::refused);

  const std::string expired = people.accounts.create_credential(people.ada.id, "old", {}, 1000);
  CHECK(people.login("ada", expired) == LoginOutcome::refused);
}

TEST_CASE("the use of an app password is not written on each request") {
  People people(GENERATE(from_range(backends())));
  const std::string password = people.accounts.create_credential(people.ada.id, "phone", {}, {});
  const auto before = people.store->figures().writes;
  for (int i = 0; i < 20; ++i) REQUIRE(people.login("ada", password) == LoginOutcome::accepted);
  CHECK(people.store->figures().writes == before + 1);
}

TEST_CASE("a hash is made anew when the policy has changed") {
  People people(GENERATE(from_range(backends())));
  PasswordPolicy policy = cheap();
  policy.argon2_passes = 2;
  people.accounts.set_policy(policy);
  CHECK(people.login("ada", "secret") == LoginOutcome::accepted);
  const auto runs = people.accounts.figures().argon2_runs;
  // A fresh process: one run to verify, and none to make it anew again.
  Accounts other(*people.store, policy);
  CHECK(other.authenticate("ada", "secret", "192.0.2.1", "").outcome == LoginOutcome::accepted);
  CHECK(other.figures().argon2_runs == 1);
  CHECK(runs == 3);
}

TEST_CASE("an unknown account costs as much as a known one") {
  People people(GENERATE(from_range(backends())));
  const auto runs = [&] { return people.accounts.figures().argon2_runs; };
  auto before = runs();
  people.login("ada", "wrong");
  CHECK(runs() == before + 1);
  before = runs();
  people.login("nobody", "wrong");
  CHECK(runs() == before + 1);
}

TEST_CASE("guessing is slowed down, and the owner is not locked out") {
  People people(GENERATE(from_range(backends())));
  CHECK(people.login("ada", "secret", "192.0.2.1") == LoginOutcome::accepted);
  LoginOutcome outcome = LoginOutcome::refused;
  int guesses = 0;
  for (; guesses < 100 && outcome == LoginOutcome::refused; ++guesses) {
    outcome = people.login("ada", "guess" + std::to_string(guesses), "198.51.100.9");
  }
  CHECK(outcome == LoginOutcome::throttled);
  CHECK(guesses <= 7);
  CHECK(people.login("ada", "secret", "198.51.100.9") == LoginOutcome::throttled);
  CHECK(people.login("ada", "secret", "192.0.2.1") == LoginOutcome::accepted);
  // An app password is no guess.
  const std::string app = people.accounts.create_credential(people.ada.id, "phone", {}, {});
  CHECK(people.login("ada", app, "198.51.100.9") == LoginOutcome::accepted);
}

TEST_CASE("a device that repeats an old password is refused, and guesses nothing") {
  People people(GENERATE(from_range(backends())));
  for (int i = 0; i < 50; ++i) REQUIRE(people.login("ada", "old") == LoginOutcome::refused);
  CHECK(people.login("ada", "secret") == LoginOutcome::accepted);
}

TEST_CASE("delays grow, end, and are bounded") {
  using std::chrono::seconds;
  Throttle throttle(3, seconds(60));
  Throttle::Time now = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    CHECK(throttle.wait("a", "192.0.2.1", now) == seconds(0));
    throttle.failed("a", "192.0.2.1", now);
  }
  seconds last(0);
  for (int i = 0; i < 10; ++i) {
    const seconds wait = throttle.wait("a", "192.0.2.1", now);
    CHECK(wait >= last);
    CHECK(wait <= seconds(60));
    last = wait;
    now += wait;
    CHECK(throttle.wait("a", "192.0.2.1", now) == seconds(0));
    throttle.failed("a", "192.0.2.1", now);
  }
  CHECK(last == seconds(60));
  CHECK(throttle.wait("b", "192.0.2.2", now) == seconds(0));
  CHECK(throttle.wait("a", "192.0.2.2", now) == seconds(0));
  now += std::chrono::hours(2);
  CHECK(throttle.wait("a", "192.0.2.1", now) == seconds(0));
}

TEST_CASE("one address that tries many accounts is slowed down for all but its owners") {
  using std::chrono::seconds;
  Throttle throttle(3, seconds(60));
  const Throttle::Time now = std::chrono::steady_clock::now();
  throttle.succeeded("ada", "2001:db8::1", now);
  for (int i = 0; i < 40; ++i) throttle.failed("user" + std::to_string(i), "2001:db8::" + std::to_string(i), now);
  CHECK(throttle.wait("bob", "2001:db8::77", now) > seconds(0));  // the same /64
  CHECK(throttle.wait("ada", "2001:db8::1", now) == seconds(0));
  CHECK(throttle.wait("bob", "2001:db8:0:1::1", now) == seconds(0));
}

TEST_CASE("many addresses that try one account are slowed down, the owner a little at most") {
  using std::chrono::seconds;
  Throttle throttle(3, seconds(900));
  const Throttle::Time now = std::chrono::steady_clock::now();
  throttle.succeeded("ada", "192.0.2.1", now);
  for (int i = 0; i < 200; ++i) throttle.failed("ada", "198.51.100." + std::to_string(i), now);
  CHECK(throttle.wait("ada", "203.0.113.5", now) > seconds(0));
  CHECK(throttle.wait("ada", "203.0.113.5", now) <= seconds(20));
  CHECK(throttle.wait("ada", "192.0.2.1", now) == seconds(0));
}

TEST_CASE("addresses are counted by what one person can have many of") {
  CHECK(throttle_address("192.0.2.1") == "192.0.2.1");
  CHECK(throttle_address("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(throttle_address("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::");
  CHECK(throttle_address("fe80::1%eth0") == "fe80::");
  CHECK(throttle_address("") == "");
}

TEST_CASE("what is recognised takes no Argon2, and what takes it is not recognised") {
  People people(GENERATE(from_range(backends())));
  const auto recognised = [&](const std::string& name, const std::string& password) {
    return people.accounts.recognise(name, password, "192.0.2.1", "test/1");
  };
  const auto runs = people.accounts.figures().argon2_runs;
  CHECK_FALSE(recognised("ada", "secret"));
  CHECK_FALSE(recognised("ada", "wrong"));
  CHECK_FALSE(recognised("nobody", "secret"));
  CHECK(recognised("", "secret")->outcome == LoginOutcome::refused);
  const std::string app = people.accounts.create_credential(people.ada.id, "phone", {}, std::nullopt);
  CHECK(recognised("ada", app)->outcome == LoginOutcome::accepted);
  CHECK(people.accounts.figures().argon2_runs == runs);
  CHECK(people.login("ada", "secret") == LoginOutcome::accepted);
  CHECK(people.login("ada", "wrong") == LoginOutcome::refused);
  CHECK(people.accounts.figures().argon2_runs == runs + 2);
  CHECK(recognised("ada", "secret")->outcome == LoginOutcome::accepted);
  CHECK(recognised("ada", "wrong")->outcome == LoginOutcome::refused);
  CHECK(people.accounts.figures().argon2_runs == runs + 2);
}
