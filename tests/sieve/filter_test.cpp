#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "mail/sieve/filter.h"
#include "storage/accounts.h"
#include "storage/mail.h"
#include "storage/sieve.h"
#include "tests/mime/message.h"

using namespace mail;

namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = "/tmp/pileus-sieve.XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A store with ada, who has mailboxes, and the hook that runs her script.
struct World {
  World() {
    storage::StoreOptions options;
    options.directory = folder.path();
    store = storage::open_store(options);
    ada = store->write([](storage::Transaction& transaction) {
      storage::Account wanted;
      wanted.name = "ada";
      wanted.addresses = {"ada@example.org"};
      const storage::Account made = transaction.create_account(wanted);
      storage::Mail(transaction).home(made.id);
      return made;
    });
    accounts = std::make_unique<storage::Accounts>(*store, storage::PasswordPolicy{});
    services = std::make_unique<Services>(Services{*store, *accounts, [](std::uint64_t) {}, {}});
    services->settings.host_name = "mail.example.org";
    hook = sieve::filter(*services, [this](const storage::Account&, const std::string& script,
                                           const std::string& fault) { told.push_back(script + ": " + fault); });
  }

  void script(const std::string& text, const std::string& name = "main") {
    store->write([&](storage::Transaction& transaction) {
      storage::Sieve sieve(transaction);
      sieve.put(ada.id, name, crlf(text));
      if (name == "main") sieve.activate(ada.id, name);
    });
  }

  Verdict deliver(const std::string& more = "") {
    const std::string header = crlf(
        "Return-Path: <eve@example.com>\nReceived: by mail.example.org; Mon, 26 Feb 2007 "
        "15:00:00 +0000\nTo: ada@example.org\nSubject: Hi\nMessage-ID: <1@example.com>\n" +
        more + "\n");
    storage::Spool spool(header + "Hello\r\n", folder.path());
    Verdict out = hook({ada, "eve@example.com", "ada+x@example.org", "x", header, spool});
    if (out.also) store->write([&](storage::Transaction& transaction) { out.also(transaction); });
    return out;
  }

  Folder folder;
  std::unique_ptr<storage::Store> store;
  storage::Account ada;
  std::unique_ptr<storage::Accounts> accounts;
  std::unique_ptr<Services> services;
  DeliverHook hook;
  std::vector<std::string> told;
};

std::string filed(const Verdict& verdict) {
  std::string out;
  for (const Filing& one : verdict.filings) {
    out += "[" + one.mailbox + (one.create ? "+" : "") + " " + std::to_string(one.flags);
    for (const std::string& keyword : one.keywords) out += " " + keyword;
    out += "]";
  }
  return out;
}

}  // namespace

TEST_CASE("mail is filed, discarded and refused as the active script says") {
  World world;
  CHECK(filed(world.deliver()) == "[ 0]");
  world.script(
      "require [\"fileinto\", \"imap4flags\", \"mailbox\", \"special-use\", \"subaddress\", \"envelope\"];\n"
      "if envelope :detail \"to\" \"x\" { fileinto :create :flags \"\\\\Seen $work\" \"a/b\"; }\n"
      "if mailboxexists [\"inbox\", \"Trash\"] { fileinto :specialuse \"\\\\Junk\" \"Spam\"; }");
  CHECK(filed(world.deliver()) == "[a/b+ 1 $work][Junk 0]");
  world.script("discard;");
  CHECK(world.deliver().filings.empty());
  world.script("require \"reject\"; reject \"Go\naway\";");
  CHECK(world.deliver().rejection == "Go  away");
  world.script("require \"ereject\"; ereject \"Né\";");
  CHECK(world.deliver().rejection == "The message was refused by the recipient's mail filtering program");
  world.script("require \"reject\"; reject \"Né\";");
  const Verdict told = world.deliver();
  CHECK_FALSE(told.rejection);
  CHECK(told.filings.empty());
  REQUIRE(told.departing.size() == 1);
  CHECK(told.departing[0].sender.empty());
  CHECK(told.departing[0].message.text().find("disposition-notification") != std::string::npos);
}

TEST_CASE("what is redirected keeps its header but Return-Path, and what is edited is stored so") {
  World world;
  world.script("require [\"copy\", \"editheader\"]; redirect :copy \"b@c.example\"; addheader \"X-A\" \"1\";");
  const Verdict verdict = world.deliver();
  REQUIRE(verdict.departing.size() == 1);
  CHECK(verdict.departing[0].sender == "eve@example.com");
  CHECK(verdict.departing[0].recipients == std::vector<std::string>{"b@c.example"});
  CHECK(verdict.departing[0].message.text().starts_with("Received: by"));
  CHECK(verdict.departing[0].message.text().ends_with("\r\n\r\nHello\r\n"));
  CHECK(filed(verdict) == "[ 0]");
  REQUIRE(verdict.replaced);
  CHECK(verdict.replaced->text().starts_with("X-A: 1\r\nReturn-Path: <eve@example.com>\r\n"));
}

TEST_CASE("a sender is answered once, and what was seen is known again") {
  World world;
  world.script("require \"vacation\"; vacation \"Away\";");
  const Verdict first = world.deliver();
  REQUIRE(first.departing.size() == 1);
  CHECK(first.departing[0].recipients == std::vector<std::string>{"eve@example.com"});
  CHECK(first.departing[0].sender.empty());
  CHECK(filed(first) == "[ 0]");
  CHECK(world.deliver().departing.empty());
  world.script("require \"vacation\"; vacation \"Still away\";");
  CHECK(world.deliver().departing.size() == 1);
  CHECK(world.deliver("List-Id: x\n").departing.empty());
  world.script("require \"duplicate\"; if duplicate { discard; }");
  CHECK(world.deliver().filings.size() == 1);
  CHECK(world.deliver().filings.empty());
}

TEST_CASE("a script that is wrong keeps the mail, and is told of once") {
  World world;
  world.script("require \"variables\"; discard; redirect \"${x}\";");
  CHECK(filed(world.deliver()) == "[ 0]");
  CHECK(filed(world.deliver()) == "[ 0]");
  CHECK(world.told == std::vector<std::string>{"main: line 1, column 31: \"\" is no address"});
  world.script("nonsense;");
  CHECK(filed(world.deliver()) == "[ 0]");
  CHECK(world.told.size() == 2);
  world.script("require [\"include\", \"fileinto\"]; include \"more\"; fileinto \"x\";");
  world.script("require \"fileinto\"; fileinto \"y\";", "more");
  CHECK(filed(world.deliver()) == "[y 0][x 0]");
  CHECK(world.told.size() == 2);
}
