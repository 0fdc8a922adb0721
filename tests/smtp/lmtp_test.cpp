#include <catch2/catch.hpp>

#include "storage/store.h"
#include "tests/smtp/talk.h"

using namespace testing;
using mail::smtp::Role;

namespace {

const std::string message = "Subject: Hi\r\nMessage-ID: <1@example.net>\r\n\r\nHello\r\n";

std::string ends_with_message(const std::string& stored) {
  const std::size_t at = stored.find("Subject: Hi");
  return at == std::string::npos ? std::string() : stored.substr(at);
}

/// A conversation up to DATA.
std::string transaction(Talk& talk, const std::vector<std::string>& recipients, const std::string& text = message) {
  std::string said = "LHLO relay.example.net\r\nMAIL FROM:<bob@example.net>\r\n";
  for (const std::string& one : recipients) said += "RCPT TO:<" + one + ">\r\n";
  talk.say(said);
  talk.say("DATA\r\n");
  return talk.say(text + ".\r\n");
}

}  // namespace

TEST_CASE("LMTP answers for each recipient", "[smtp]") {
  // RFC 2033 4.2
  Post post;
  Talk talk(post, Role::lmtp, local_peer());
  CHECK(talk.greeting() == "220 mail.example.org LMTP Pileus\r\n");
  const std::string hello = talk.say("LHLO foo.edu\r\n");
  for (const char* extension : {"250-PIPELINING\r\n", "SIZE 157286400\r\n", "8BITMIME\r\n", "ENHANCEDSTATUSCODES\r\n",
                                "SMTPUTF8\r\n", "CHUNKING\r\n"}) {
    CHECK(hello.find(extension) != std::string::npos);
  }
  CHECK(hello.find("AUTH") == std::string::npos);
  CHECK(hello.find("DSN") == std::string::npos);
  CHECK(talk.say("MAIL FROM:<chris@bar.com>\r\nRCPT TO:<ada@example.org>\r\nRCPT TO:<jones@example.org>\r\n"
                 "RCPT TO:<eve@example.org>\r\nDATA\r\n") ==
        "250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n550 5.1.1 No such address here\r\n"
        "250 2.1.5 Recipient OK\r\n354 End data with <CR><LF>.<CR><LF>\r\n");
  CHECK(talk.say(message + ".\r\n") == "250 2.1.5 Delivered\r\n250 2.1.5 Delivered\r\n");
  CHECK(talk.say("QUIT\r\n") == "221 2.0.0 Bye\r\n");
  CHECK(talk.closed());
  const auto ada = post.messages("ada");
  REQUIRE(ada.size() == 1);
  CHECK(post.messages("eve") == ada);
  CHECK(
      ada[0].starts_with("Return-Path: <chris@bar.com>\r\nReceived: from foo.edu ([127.0.0.1])\r\n"
                         "\tby mail.example.org with LMTP id "));
  CHECK(ends_with_message(ada[0]) == message);
}

TEST_CASE("one recipient is named in what is put in front", "[smtp]") {
  Post post;
  Talk talk(post, Role::lmtp, local_peer());
  CHECK(transaction(talk, {"Countess@Example.ORG"}) == "250 2.1.5 Delivered\r\n");
  REQUIRE(post.messages("ada").size() == 1);
  const std::string stored = post.messages("ada")[0];
  CHECK(stored.starts_with("Return-Path: <bob@example.net>\r\nDelivered-To: Countess@example.org\r\nReceived: "));
  CHECK(stored.find("\r\n\tfor <Countess@example.org>;\r\n") != std::string::npos);
  // What comes again has been here.
  CHECK(transaction(talk, {"countess@example.org"}, stored) == "554 5.4.6 The message runs in a loop\r\n");
  CHECK(post.messages("ada").size() == 1);
}

TEST_CASE("an account gets a message once, whatever it is called", "[smtp]") {
  Post post;
  Talk talk(post, Role::lmtp, local_peer());
  CHECK(transaction(talk, {"ada@example.org", "ada+lists@example.org", "team@example.org", "ada"}) ==
        "250 2.1.5 Delivered\r\n250 2.1.5 Delivered\r\n250 2.1.5 Delivered\r\n250 2.1.5 Delivered\r\n");
  CHECK(post.messages("ada").size() == 1);
  CHECK(post.messages("eve").size() == 1);
}

TEST_CASE("a message comes in chunks as it comes in lines", "[smtp]") {
  // RFC 3030 2
  Post post;
  Talk talk(post, Role::lmtp, local_peer());
  talk.say("LHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<eve@example.org>\r\n");
  CHECK(talk.say("BDAT 11\r\nSubject: Hi") == "250 2.0.0 Chunk received\r\n");
  CHECK(talk.say("DATA\r\n") == "503 5.5.1 Bad sequence of commands\r\n");
  CHECK(talk.say_in_pieces("BDAT 10\r\n\r\n\r\n.\r\n.\r\nBDAT 0 LAST\r\n", 3) ==
        "250 2.0.0 Chunk received\r\n250 2.1.5 Delivered\r\n");
  REQUIRE(post.messages("eve").size() == 1);
  CHECK(ends_with_message(post.messages("eve")[0]) == "Subject: Hi\r\n\r\n.\r\n.\r\n");
  CHECK(talk.say("BDAT 4 LAST\r\nQUIT") == "503 5.5.1 No valid recipients\r\n");
  CHECK_FALSE(talk.closed());
}

TEST_CASE("the order of commands is kept", "[smtp]") {
  Post post;
  Talk talk(post, Role::lmtp, local_peer());
  CHECK(talk.say("MAIL FROM:<>\r\n") == "503 5.5.1 Say hello first\r\n");
  CHECK(talk.say("EHLO a\r\n").starts_with("500 "));  // RFC 2033 4.1
  CHECK(talk.say("AUTH PLAIN\r\n").starts_with("500 "));
  CHECK(talk.say("LHLO\r\n").starts_with("501 "));
  talk.say("LHLO a\r\n");
  CHECK(talk.say("RCPT TO:<ada@example.org>\r\n").starts_with("503 "));
  CHECK(talk.say("DATA\r\n").starts_with("503 "));
  CHECK(talk.say("MAIL FROM:<>\r\n").starts_with("250 "));
  CHECK(talk.say("MAIL FROM:<>\r\n").starts_with("503 "));
  CHECK(talk.say("DATA\r\n").starts_with("503 "));
  CHECK(talk.say("RCPT TO:<nobody@elsewhere.example>\r\n").starts_with("550 5.1.1"));
  CHECK(talk.say("RSET\r\nRCPT TO:<ada@example.org>\r\n").starts_with("250 2.0.0 OK\r\n503 "));
  CHECK(talk.say("VRFY ada\r\n").starts_with("252 "));
  CHECK(talk.say("NOOP x\r\nHELP\r\n").starts_with("250 2.0.0 OK\r\n214 "));
}

TEST_CASE("what is too much is refused", "[smtp]") {
  mail::smtp::Settings settings;
  settings.most_message = 1000;
  settings.most_recipients = 1;
  settings.most_errors = 3;
  Post post(settings);
  Talk talk(post, Role::lmtp, local_peer());
  talk.say("LHLO a\r\n");
  CHECK(talk.say("MAIL FROM:<> SIZE=1001\r\n") == "552 5.3.4 The message is too large\r\n");
  talk.say("MAIL FROM:<> SIZE=1\r\nRCPT TO:<ada@example.org>\r\n");
  CHECK(talk.say("RCPT TO:<eve@example.org>\r\n") == "452 4.5.3 Too many recipients\r\n");
  talk.say("DATA\r\n");
  CHECK(talk.say("A: b\r\n\r\n" + std::string(2000, 'x') + "\r\n.\r\n") == "552 5.3.4 The message is too large\r\n");
  CHECK(talk.say("NONSENSE\r\n") == "500 5.5.2 Unknown command\r\n");
  CHECK(talk.say("NONSENSE\r\n") == "421 4.7.0 Too many errors\r\n");
  CHECK(talk.closed());
  CHECK(post.messages("ada").empty());
}

TEST_CASE("lines end as they must, peers are who they may be, and nobody waits for ever", "[smtp]") {
  Post post;
  Talk bare(post, Role::lmtp, local_peer());
  CHECK(bare.say("LHLO a\nMAIL FROM:<>\r\n") == "500 5.5.2 Lines must end with CR LF\r\n");
  CHECK(bare.closed());
  Talk endless(post, Role::lmtp, local_peer());
  CHECK(endless.say(std::string(20'000, 'a')) == "500 5.5.6 Line too long\r\n");
  CHECK(endless.closed());
  Talk stranger(post, Role::lmtp, far_peer());
  CHECK(stranger.greeting() == "554 5.7.1 Not for you\r\n");
  CHECK(stranger.closed());
  Talk idle(post, Role::lmtp, local_peer());
  idle.expire();
  CHECK(idle.heard() == "421 4.4.2 Idle for too long\r\n");
  CHECK(idle.closed());
}

TEST_CASE("a full mailbox refuses by itself", "[smtp]") {
  for (const bool defers : {false, true}) {
    mail::smtp::Settings settings;
    settings.quota_defers = defers;
    Post post(settings);
    storage::Account ada = post.account("ada");
    ada.quota = 10;
    post.store->write([&](storage::Transaction& transaction) { transaction.update_account(ada); });
    Talk talk(post, Role::lmtp, local_peer());
    const std::string full = defers ? "452 4.2.2" : "552 5.2.2";
    CHECK(transaction(talk, {"ada@example.org", "eve@example.org"}) ==
          full + " The mailbox is full\r\n250 2.1.5 Delivered\r\n");
    CHECK(post.messages("eve").size() == 1);
    // A member of a group gets it later.
    CHECK(transaction(talk, {"team@example.org"}) == "250 2.1.5 Delivered\r\n");
    REQUIRE(post.queue().size() == 1);
    CHECK(post.queue()[0].sender == "bob@example.net");
    CHECK(post.queue()[0].recipients.at(0).address == "ada");
  }
}

TEST_CASE("a disabled account takes nothing", "[smtp]") {
  Post post;
  storage::Account ada = post.account("ada");
  ada.disabled = true;
  post.store->write([&](storage::Transaction& transaction) { transaction.update_account(ada); });
  Talk talk(post, Role::lmtp, local_peer());
  CHECK(talk.say("LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<ada@example.org>\r\n").find("550 5.2.1") != std::string::npos);
  CHECK(transaction(talk, {}).starts_with("500 "));
  talk.say("RCPT TO:<team@example.org>\r\nDATA\r\n");
  talk.say(message + ".\r\n");
  CHECK(post.messages("ada").empty());
  CHECK(post.messages("eve").size() == 1);
}

TEST_CASE("postmaster is an account, if one is named", "[smtp]") {
  // RFC 5321 4.5.1
  mail::smtp::Settings settings;
  settings.postmaster = "eve";
  Post post(settings);
  Talk talk(post, Role::lmtp, local_peer());
  CHECK(transaction(talk, {"Postmaster"}) == "250 2.1.5 Delivered\r\n");
  CHECK(post.messages("eve").size() == 1);
}

TEST_CASE("what has come before is dropped where that is wanted", "[smtp]") {
  for (const bool drop : {false, true}) {
    mail::smtp::Settings settings;
    settings.drop_duplicates = drop;
    Post post(settings);
    Talk talk(post, Role::lmtp, local_peer());
    for (int i = 0; i < 2; ++i) CHECK(transaction(talk, {"ada@example.org"}) == "250 2.1.5 Delivered\r\n");
    CHECK(post.messages("ada").size() == (drop ? 1 : 2));
  }
}

TEST_CASE("a hook decides where a message goes", "[smtp]") {
  std::string seen;
  Post post({}, [&](const mail::Arriving& arriving) {
    seen = std::string(arriving.recipient) + " " + std::string(arriving.detail) + " " + std::string(arriving.sender);
    mail::Verdict verdict;
    if (arriving.account.name == "eve") {
      verdict.rejection = "Not today";
      return verdict;
    }
    mail::Filing junk;
    junk.special_use = "\\Junk";
    mail::Filing made;
    made.mailbox = "Lists/Pileus";
    made.create = true;
    mail::Filing missing;
    missing.mailbox = "Nowhere";
    verdict.filings = {junk, made, missing};
    mail::Departing departing;
    departing.sender = "bob@example.net";
    departing.recipients = {"carol@example.net"};
    departing.message.append("Subject: Fwd\r\n\r\n");
    verdict.departing.push_back(std::move(departing));
    return verdict;
  });
  Talk talk(post, Role::lmtp, local_peer());
  CHECK(transaction(talk, {"ada+x@example.org"}) == "250 2.1.5 Delivered\r\n");
  CHECK(seen == "ada+x@example.org x bob@example.net");
  CHECK(post.messages("ada", "Junk").size() == 1);
  CHECK(post.messages("ada").size() == 1);
  REQUIRE(post.queue().size() == 1);
  CHECK(post.queue()[0].recipients.at(0).address == "carol@example.net");
  CHECK(post.queue()[0].account == post.account("ada").id);
  CHECK(transaction(talk, {"eve@example.org"}) == "550 5.7.1 Not today\r\n");
  CHECK(post.messages("eve").empty());
}
