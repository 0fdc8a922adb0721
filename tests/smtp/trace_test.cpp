#include "mail/smtp/trace.h"

#include <catch2/catch.hpp>

#include "mail/smtp/intake.h"

using namespace mail::smtp;

TEST_CASE("a Received field says from where, by whom and when", "[smtp]") {
  CHECK(received_field({"client.example", "192.0.2.1", "mail.example.org", "LMTP", "abc", "ada@example.org", 0}) ==
        "Received: from client.example ([192.0.2.1])\r\n\tby mail.example.org with LMTP id abc\r\n"
        "\tfor <ada@example.org>;\r\n\tThu, 1 Jan 1970 00:00:00 +0000\r\n");
  CHECK(received_field({"not a host", "::1", "b.example", "ESMTPSA", "x", "", 1764013752}) ==
        "Received: from [IPv6:::1] ([IPv6:::1])\r\n\tby b.example with ESMTPSA id x;\r\n"
        "\tMon, 24 Nov 2025 19:49:12 +0000\r\n");
  CHECK(received_field({"x\r\nEvil: y", "local", "b.example", "LMTP", "x", "", 0}) ==
        "Received: from localhost\r\n\tby b.example with LMTP id x;\r\n\tThu, 1 Jan 1970 00:00:00 +0000\r\n");
}

TEST_CASE("a message that has been here runs in a loop", "[smtp]") {
  CHECK_FALSE(runs_in_loop("Delivered-To: eve@example.org\r\n\r\n", "ada@example.org", 3));
  CHECK(runs_in_loop("delivered-to:\r\n ADA@example.org\r\n\r\n", "ada@example.org", 3));
  CHECK_FALSE(runs_in_loop("\r\nDelivered-To: ada@example.org\r\n", "ada@example.org", 3));
  CHECK_FALSE(runs_in_loop("Received: a\r\nReceived: b\r\nReceived: c\r\n\r\n", "", 3));
  CHECK(runs_in_loop("Received: a\r\nReceived: b\r\nReceived: c\r\nReceived: d\r\n\r\n", "", 3));
}

TEST_CASE("a client's header is completed", "[smtp]") {
  const Missing missing{0, "id@here"};
  CHECK(complete_header("Subject: a\r\n\r\n", missing) ==
        "Subject: a\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\nMessage-ID: <id@here>\r\n\r\n");
  const std::string whole = "Date: x\r\nmessage-id: <y@z>\r\nTo: a\r\n b\r\n\r\n";
  CHECK(complete_header(whole, missing) == whole);
  CHECK(complete_header("Date: x\r\nBcc: a,\r\n b\r\nMessage-ID: <y@z>\r\nResent-Bcc: q\r\n\r\n", missing) ==
        "Date: x\r\nMessage-ID: <y@z>\r\n\r\n");
  CHECK(complete_header("Date: x\r\nMessage-ID: <y@z>", missing) == "Date: x\r\nMessage-ID: <y@z>\r\n\r\n");
  CHECK(complete_header("", missing) == "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nMessage-ID: <id@here>\r\n\r\n");
}

TEST_CASE("a message's header is exchanged as it comes, and what follows it goes through", "[smtp]") {
  const std::string message = "A: b\r\n\r\nbody\r\n\r\nmore";
  for (const std::size_t piece : {1U, 3U, 100U}) {
    Intake intake("/tmp", 1000, [](std::string_view header) { return "X: y\r\n" + std::string(header); });
    for (std::size_t at = 0; at < message.size(); at += piece)
      intake.append(std::string_view(message).substr(at, piece));
    CHECK(intake.finish().text() == "X: y\r\n" + message);
    CHECK(intake.header() == "X: y\r\nA: b\r\n\r\n");
  }
  Intake empty("/tmp", 1000, [](std::string_view header) { return "X: y\r\n" + std::string(header); });
  CHECK(empty.finish().text() == "X: y\r\n");
}

TEST_CASE("what is too large is refused and not kept", "[smtp]") {
  Intake intake("/tmp", 1000, [](std::string_view header) { return std::string(header); });
  for (int i = 0; i < 101; ++i) intake.append("A: 345678\n");
  CHECK_THROWS_AS(intake.finish(), Refused);
  Intake header("/tmp", 10'000'000, [](std::string_view text) { return std::string(text); });
  for (std::size_t i = 0; i <= most_header; i += 10) header.append("A: 345678\n");
  CHECK_THROWS_AS(header.finish(), Refused);
}
