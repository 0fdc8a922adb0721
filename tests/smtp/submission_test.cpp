#include <catch2/catch.hpp>

#include "mail/login.h"
#include "tests/smtp/talk.h"

using namespace testing;
using mail::smtp::Role;

namespace {

std::string plain(const std::string& name, const std::string& password) {
  const std::string nul(1, '\0');
  return "AUTH PLAIN " + mail::encode_sasl(nul + name + nul + password) + "\r\n";
}

struct Client : Talk {
  explicit Client(Post& post) : Talk(post, Role::submission, tls_peer()) {
    say("EHLO client.example\r\n");
    say(plain("ada", "secret"));
  }
};

mail::smtp::Settings relaying() {
  mail::smtp::Settings settings;
  settings.relay = "relay.example:25";
  return settings;
}

}  // namespace

TEST_CASE("submission wants TLS, then a login, then a sender of one's own", "[smtp]") {
  Post post;
  Talk talk(post, Role::submission, far_peer());
  CHECK(talk.greeting() == "220 mail.example.org ESMTP Pileus\r\n");
  std::string hello = talk.say("EHLO client.example\r\n");
  CHECK(hello.find("STARTTLS") != std::string::npos);
  CHECK(hello.find("AUTH") == std::string::npos);
  CHECK(talk.say(plain("ada", "secret")).starts_with("538 5.7.11"));
  CHECK(talk.say("MAIL FROM:<ada@example.org>\r\n").starts_with("530 5.7.0"));
  CHECK(talk.say("STARTTLS\r\nNOOP\r\n") == "220 2.0.0 Ready to start TLS\r\n");
  CHECK(talk.say("MAIL FROM:<ada@example.org>\r\n").starts_with("530 "));
  hello = talk.say("EHLO client.example\r\n");
  CHECK(hello.find("STARTTLS") == std::string::npos);
  CHECK(hello.find("AUTH SCRAM-SHA-256 PLAIN LOGIN") != std::string::npos);
  CHECK(hello.find("DSN") != std::string::npos);
  CHECK(talk.say("STARTTLS\r\n").starts_with("503 "));
  CHECK(talk.say("AUTH CRAM-MD5\r\n").starts_with("504 5.5.4"));
  CHECK(talk.say(plain("ada", "wrong")).starts_with("535 5.7.8"));
  CHECK(talk.say("AUTH PLAIN\r\n") == "334 \r\n");
  CHECK(talk.say("*\r\n").starts_with("501 "));
  CHECK(talk.say("AUTH LOGIN\r\n").starts_with("334 "));
  CHECK(talk.say(mail::encode_sasl("ada") + "\r\n").starts_with("334 "));
  CHECK(talk.say(mail::encode_sasl("secret") + "\r\n").starts_with("235 2.7.0"));
  CHECK(talk.say(plain("ada", "secret")).starts_with("503 "));
  CHECK(talk.say("MAIL FROM:<eve@example.org>\r\n").starts_with("550 5.7.1"));
  CHECK(talk.say("MAIL FROM:<nobody@example.net>\r\n").starts_with("550 5.7.1"));
  for (const char* own : {"ada@example.org", "Countess@example.org", "ada+x@example.org", "team@example.org", ""}) {
    CHECK(talk.say("MAIL FROM:<" + std::string(own) + ">\r\nRSET\r\n").starts_with("250 2.1.0"));
  }
  CHECK(talk.say("LHLO x\r\n").starts_with("500 "));
}

TEST_CASE("what is submitted is completed and queued", "[smtp]") {
  Post post(relaying());
  Client client(post);
  CHECK(client.say("MAIL FROM:<ada@example.org> BODY=8BITMIME RET=HDRS ENVID=QQ314159\r\n"
                   "RCPT TO:<eve@example.org>\r\n"
                   "RCPT TO:<bob@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob@example.net\r\n"
                   "RCPT TO:<nobody@example.org>\r\n") ==
        "250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n250 2.1.5 Recipient OK\r\n"
        "550 5.1.1 No such address here\r\n");
  CHECK(client.say("DATA\r\n").starts_with("354 "));
  CHECK(client.say("Subject: Hi\r\nBcc: carol@example.net\r\n\r\n\xc3\xa4..\r\n.\r\n")
            .starts_with("250 2.0.0 Queued as "));
  REQUIRE(post.queue().size() == 1);
  const storage::QueuedMessage queued = post.queue()[0];
  CHECK(queued.account == post.account("ada").id);
  CHECK(queued.sender == "ada@example.org");
  CHECK(queued.envelope_id == "QQ314159");
  CHECK(queued.returned == 2);
  CHECK(queued.eight_bit);
  CHECK_FALSE(queued.utf8);
  REQUIRE(queued.recipients.size() == 2);
  CHECK(queued.recipients[1].address == "bob@example.net");
  CHECK(queued.recipients[1].original == "rfc822;Bob@example.net");
  CHECK(queued.recipients[1].notify == 6);
  const std::string text = post.queued_octets(queued);
  CHECK(text.starts_with("Received: from client.example\r\n\tby mail.example.org with ESMTPSA id "));
  CHECK(text.find("192.0.2.7") == std::string::npos);
  CHECK(text.find("\r\nDate: ") != std::string::npos);
  CHECK(text.find("\r\nMessage-ID: <") != std::string::npos);
  CHECK(text.find("carol") == std::string::npos);
  CHECK(text.ends_with("\r\n\r\n\xc3\xa4..\r\n"));
}

TEST_CASE("without a relay nothing leaves", "[smtp]") {
  Post post;
  Client client(post);
  CHECK(client.say("MAIL FROM:<ada@example.org>\r\nRCPT TO:<bob@example.net>\r\n").find("550 5.7.1 Mail to other") !=
        std::string::npos);
}

TEST_CASE("addresses beyond ASCII need SMTPUTF8", "[smtp]") {
  // RFC 6531 3.5
  Post post(relaying());
  Client client(post);
  client.say("MAIL FROM:<ada@example.org>\r\n");
  CHECK(client.say("RCPT TO:<\xc3\xa4@example.net>\r\n").starts_with("553 5.6.7"));
  client.say("RSET\r\nMAIL FROM:<ada@example.org> SMTPUTF8\r\n");
  CHECK(client.say("RCPT TO:<\xc3\xa4@example.net>\r\n").starts_with("250 "));
}

TEST_CASE("an account sends so much in an hour and no more", "[smtp]") {
  mail::smtp::Settings settings;
  settings.recipients_per_hour = 2;
  Post post(settings);
  Client client(post);
  client.say("MAIL FROM:<ada@example.org>\r\nRCPT TO:<eve@example.org>\r\nRCPT TO:<eve@example.org>\r\n");
  CHECK(client.say("RCPT TO:<eve@example.org>\r\n").starts_with("450 4.7.1"));
  Client again(post);
  CHECK(again.say("MAIL FROM:<ada@example.org>\r\nRCPT TO:<eve@example.org>\r\n").find("450 4.7.1") !=
        std::string::npos);
}

TEST_CASE("a copy is kept in Sent where that is wanted", "[smtp]") {
  mail::smtp::Settings settings;
  settings.keep_sent = true;
  Post post(settings);
  Client client(post);
  client.say("MAIL FROM:<ada@example.org>\r\nRCPT TO:<eve@example.org>\r\nDATA\r\n");
  CHECK(client.say("Subject: Hi\r\n\r\n.\r\n").starts_with("250 "));
  REQUIRE(post.messages("ada", "Sent").size() == 1);
  CHECK(post.messages("ada", "Sent")[0] == post.queued_octets(post.queue().at(0)));
}

TEST_CASE("an app password for reading doesn't send", "[smtp]") {
  Post post;
  const std::string password =
      post.accounts.create_credential(post.account("ada").id, "phone", {false, true, true}, std::nullopt);
  Talk talk(post, Role::submission, tls_peer());
  talk.say("EHLO client.example\r\n");
  CHECK(talk.say(plain("ada", password)).starts_with("235 "));
  CHECK(talk.say("MAIL FROM:<ada@example.org>\r\n").starts_with("550 5.7.1"));
}
