#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mail/sieve/header_fields.h"
#include "mail/sieve/respond.h"
#include "tests/sieve/outcome.h"

using namespace mail::sieve;

namespace {

/// The header that the first action leaves; empty if it is as it came.
std::string header_after(const std::string& script, const std::string& message = message_a) {
  const Outcome outcome = outcome_of(all_extensions + script, message);
  REQUIRE(outcome.error.empty());
  REQUIRE(!outcome.actions.empty());
  return outcome.actions.front().header ? *outcome.actions.front().header : "";
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  while (count-- > 0) out += text;
  return out;
}

}  // namespace

// RFC 5293
TEST_CASE("header fields are added and deleted, and what follows sees it") {
  const std::string message = crlf("Received: a\nX-A: 1\nSubject: old\nX-A: 2\nAuto-Submitted: no\n\nbody\n");
  CHECK(header_after("keep;", message).empty());
  CHECK(header_after(R"(addheader "X-New" "  some value ";)", message) ==
        crlf("X-New: some value\nReceived: a\nX-A: 1\nSubject: old\nX-A: 2\nAuto-Submitted: no\n\n"));
  CHECK(header_after(R"(addheader :last "X-New" "é";)", message) ==
        crlf("Received: a\nX-A: 1\nSubject: old\nX-A: 2\nAuto-Submitted: no\nX-New: =?utf-8?B?w6k=?=\n\n"));
  CHECK(header_after(R"(deleteheader "x-a";)", message) == crlf("Received: a\nSubject: old\nAuto-Submitted: no\n\n"));
  CHECK(header_after(R"(deleteheader :index 1 :last "x-a";)", message) ==
        crlf("Received: a\nX-A: 1\nSubject: old\nAuto-Submitted: no\n\n"));
  CHECK(header_after(R"(deleteheader :contains "x-a" ["1", "3"];)", message) ==
        crlf("Received: a\nSubject: old\nX-A: 2\nAuto-Submitted: no\n\n"));
  CHECK(header_after(R"(deleteheader :index 1 :contains "x-a" "2";)", message).empty());
  CHECK(
      header_after(R"(deleteheader "Received"; deleteheader "auto-submitted"; deleteheader "None";)", message).empty());
  CHECK(result(all_extensions + R"(addheader "X-B" "y"; deleteheader "Subject";
      if allof (header "x-b" "y", not exists "subject") { fileinto "seen"; })",
               message) == "fileinto seen");
  // What is done before a change has the header of then.
  const Outcome outcome =
      outcome_of(all_extensions + R"(fileinto "a"; addheader "X" "1"; fileinto "b"; keep;)", message);
  REQUIRE(outcome.actions.size() == 3);
  CHECK_FALSE(outcome.actions[0].header);
  CHECK(outcome.actions[1].header);
  CHECK(outcome.actions[1].header == outcome.actions[2].header);
}

// RFC 2047 2, RFC 5322 2.1.1
TEST_CASE("values are folded, and encoded if they must be, without splitting a character") {
  CHECK(encode_text("short", 10) == "short");
  for (const std::size_t used : {9U, 40U, 60U, 70U}) {
    for (const std::string& text : {repeated("word ", 60) + "end", repeated("é€😀", 60)}) {
      const std::string folded = std::string(used, 'x') + encode_text(text, used);
      std::size_t line = 0;
      for (const char c : folded) {
        line = c == '\n' ? 0 : line + 1;
        CHECK(line <= 79);
      }
      HeaderFields fields("X: " + encode_text(text, used) + "\r\n\r\n");
      CHECK(fields.first("x") == text);
    }
  }
  CHECK(one_line(" a\r\nb\tc ") == "a  b c");
}

// RFC 6609
TEST_CASE("scripts include others, once or again, and share what is global") {
  TextHost host;
  host.scripts["always_allow"] = "if address :is \"from\" \"coyote@desert.example.org\" { keep; }";
  host.scripts["subject_tests"] =
      "require [\"include\", \"variables\"];\nglobal [\"test\", \"test_mailbox\"];\n"
      "if header :contains \"Subject\" \"${test}\" { set \"test_mailbox\" \"spam-${test}\"; }";
  host.scripts["stops"] = "stop;";
  host.scripts["returns"] = "require \"include\"; return; discard;";
  host.scripts["files"] = "require \"fileinto\"; fileinto \"x\";";
  host.scripts["own"] = "require \"variables\"; set \"a\" \"other\";";
  host.scripts["self"] = "require \"include\"; include \"self\";";
  host.scripts["self_once"] = "require \"include\"; include :once \"self_once\";";
  host.scripts["broken"] = "\nfoo;";
  host.scripts["undeclared"] = "fileinto \"x\";";
  host.scripts["global/site"] = "discard;";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"(include "always_allow"; fileinto "y";)", "keep; fileinto y"},
      {R"(global "test"; global "test_mailbox"; set "test" "$$"; include "subject_tests"; set "test" "present";
          include "subject_tests";
          if string :count "eq" "${test_mailbox}" "1" { fileinto "${test_mailbox}"; stop; })",
       "fileinto spam-present"},
      {R"(include "stops"; discard;)", "keep"},
      {R"(include "returns"; fileinto "z";)", "fileinto z"},
      {R"(return; discard;)", "keep"},
      {R"(include "files"; include "files"; fileinto "y";)", "fileinto x; fileinto y"},
      {R"(set "a" "mine"; include "own"; fileinto "${a}";)", "fileinto mine"},
      {R"(global "i"; set "global.i" "1"; if string "${i}${global.i}" "11" { discard; })", "discard"},
      {R"(include :global "site";)", "discard"},
      {R"(include :optional "none"; fileinto "y";)", "fileinto y"},
      {R"(include :once "self_once"; include :once "self_once"; fileinto "y";)", "fileinto y"},
      {R"(include "none";)", "keep; error line 2, column 1: there is no script \"none\" to include"},
      {R"(include :global "files";)", "keep; error line 2, column 1: there is no script \"files\" to include"},
      {R"(include "broken";)",
       "keep; error line 2, column 1: in the script \"broken\": line 2, column 1: there is no command \"foo\""},
      {R"(include "undeclared";)",
       "keep; error line 2, column 1: in the script \"undeclared\": line 1, column 1: 'fileinto' needs require "
       "\"fileinto\""},
      {R"(set "a" "b"; global "a";)",
       "keep; error line 2, column 14: \"a\" can't be made global: it has been set in this script"},
  };
  for (const auto& [script, expected] : cases) {
    INFO(script);
    CHECK(result(all_extensions + script, message_a, host) == expected);
  }
  CHECK(result(all_extensions + R"(include "self";)", message_a, host).find("too many scripts are included") !=
        std::string::npos);
}

// RFC 7352
TEST_CASE("duplicates are told by what earlier runs have seen") {
  const std::string message = crlf("Message-ID:  <1@a.example> \nX-Event: open\n\n");
  const auto seen = [&](const std::string& script, TextHost host = {}) {
    std::string out;
    const Outcome outcome = outcome_of(all_extensions + script, message, std::move(host));
    for (const Seen& one : outcome.seen) {
      std::string key = one.key;
      std::replace(key.begin(), key.end(), '\0', '|');
      out += key + " " + std::to_string(one.seconds) + ";";
    }
    return out + shown(outcome);
  };
  TextHost knows;
  knows.seen.insert(std::string("-\0<1@a.example>", 15));
  CHECK(seen("if duplicate { discard; }") == "-|<1@a.example> 604800;keep");
  CHECK(seen("if duplicate { discard; }", knows) == "discard");
  CHECK(seen("if duplicate :last :seconds 1800 { discard; }", knows) == "-|<1@a.example> 1800;discard");
  CHECK(seen("if duplicate :header \"message-id\" { discard; }", knows) == "discard");
  CHECK(seen("if header :matches \"message-id\" \"*\" { if duplicate :uniqueid \"${0}\" { discard; } }", knows) ==
        "discard");
  CHECK(seen("if duplicate :handle \"x\" { discard; }", knows) == "+x|<1@a.example> 604800;keep");
  CHECK(seen("if duplicate :header \"X-None\" { discard; }", knows) == "keep");
  CHECK(seen("if duplicate :header \"a b:\" { discard; }", knows) == "keep");
  CHECK(seen("if duplicate :seconds 0 { discard; }", knows) == "keep");
  CHECK(seen("if duplicate :seconds 99999999 { discard; }") == "-|<1@a.example> 7776000;keep");
  // Both tests of one run say the same.
  CHECK(seen("if anyof (duplicate, duplicate) { discard; }") == "-|<1@a.example> 604800;keep");
  // A run that fails remembers nothing.
  CHECK(seen("if duplicate { discard; } redirect \"${x}\";") == "keep; error line 2, column 27: \"\" is no address");
}

// RFC 5230
TEST_CASE("a vacation answers people, not machines, and says to whom and what") {
  const std::string head = "Subject: Hi\nTo: roadrunner@acme.example.com\nMessage-ID: <2@a.example>\n";
  const auto answer = [&](const std::string& script, const std::string& more = "",
                          const std::string& from = "x@y.example") {
    Setting setting = usual_setting();
    setting.from = from;
    return shown(outcome_of(all_extensions + script, crlf(head + more + "\nHello\n"), {}, setting));
  };
  const std::string away = "vacation \"Away\";";
  CHECK(answer(away) == "vacation 604800 'Auto: Hi' Away; keep");
  CHECK(answer("vacation :days 23 \"Away\";") == "vacation 1987200 'Auto: Hi' Away; keep");
  CHECK(answer("vacation :days 0 \"Away\";") == "vacation 86400 'Auto: Hi' Away; keep");
  CHECK(answer("vacation :days 9999999 \"Away\";") == "vacation 7776000 'Auto: Hi' Away; keep");
  CHECK(answer("vacation :seconds 1800 \"Away\";") == "vacation 1800 'Auto: Hi' Away; keep");
  CHECK(answer("vacation :seconds 0 \"Away\";") == "vacation 0 'Auto: Hi' Away; keep");
  CHECK(answer("discard; vacation :subject \"Gone\" \"Away\";") == "vacation 604800 'Gone' Away");
  CHECK(answer("if header :matches \"subject\" \"*\" { vacation :subject \"Re: ${1}\" \"${1}!\"; }") ==
        "vacation 604800 'Re: Hi' Hi!; keep");
  for (const char* field : {"List-Id: x\n", "List-Unsubscribe: x\n", "Auto-Submitted: auto-generated\n",
                            "Precedence: bulk\n", "X-Auto-Response-Suppress: OOF, AutoReply\n"}) {
    CHECK(answer(away, field) == "keep");
  }
  CHECK(answer(away, "Auto-Submitted: No (really)\n") != "keep");
  for (const char* from : {"", "MAILER-DAEMON@y.example", "owner-list@y.example", "list-request@y.example",
                           "no-reply@y.example", "roadrunner@acme.example.com", "bounces+1@y.example"}) {
    CHECK(answer(away, "", from) == "keep");
  }
  const auto to = [&](const std::string& script, const std::string& fields) {
    return result(all_extensions + script, crlf(fields + "\n"));
  };
  CHECK(to(away, "To: other@example.org\n") == "keep");
  CHECK(to(away, "") == "keep");
  CHECK(to(away, "Cc: x <ROADRUNNER@acme.example.com>\n") == "vacation 604800 'Automated reply' Away; keep");
  CHECK(to(away, "Bcc: roadrunner+birdseed@acme.example.com\n") != "keep");
  CHECK(to("vacation :addresses [\"me@example.org\"] \"Away\";", "Resent-To: me@example.org\n") != "keep");
  CHECK(to("vacation :from \"${x}\" \"Away\";", "").find("is no address to send from") != std::string::npos);
  CHECK(to("vacation :mime text:\nX: é\n\nx\n.\n;", "").find("must be ASCII") != std::string::npos);
}

// RFC 5230 4.2
TEST_CASE("which vacation is which goes by what stands in the script") {
  const auto key = [](const std::string& script) {
    const Outcome outcome = outcome_of(all_extensions + script);
    REQUIRE(outcome.actions.front().vacation);
    return outcome.actions.front().vacation->key;
  };
  CHECK(key("vacation \"a\";") == key("vacation \"a\";"));
  CHECK(key("vacation \"a\";") != key("vacation \"b\";"));
  CHECK(key("vacation :subject \"a\" \"b\";") != key("vacation :from \"a@b.example\" \"b\";"));
  CHECK(key("vacation :handle \"h\" \"a\";") == key("vacation :handle \"h\" \"b\";"));
  CHECK(key("set \"v\" \"1\"; vacation :subject \"${v}\" \"b\";") ==
        key("set \"v\" \"2\"; vacation :subject \"${v}\" \"b\";"));
  CHECK(key("vacation \"a\";") != key("vacation :mime \"a\";"));
}

// RFC 5230 5
TEST_CASE("answers are messages that no machine answers") {
  Vacation vacation;
  vacation.to = "x@y.example";
  vacation.subject = "Grüße";
  vacation.reason = "Weg für immer.\r\n";
  vacation.message_id = "<2@a.example>";
  vacation.references = "<1@a.example> <2@a.example>";
  const Origin origin{"me@example.org", "id@mail.example.org", "mail.example.org", 0, 60};
  CHECK(vacation_message(vacation, origin) ==
        crlf("Date: Thu, 01 Jan 1970 01:00:00 +0100\nMessage-ID: <id@mail.example.org>\nFrom: <me@example.org>\n"
             "To: <x@y.example>\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\nIn-Reply-To: <2@a.example>\n"
             "References: <1@a.example>\n <2@a.example>\nAuto-Submitted: auto-replied (vacation)\nMIME-Version: 1.0\n"
             "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
             "Weg f=C3=BCr immer.\n\n"));
  vacation.mime = true;
  vacation.reason = crlf("Content-Type: text/html\nBcc: evil@example.org\n\n<p>x</p>");
  const std::string made = vacation_message(vacation, origin);
  CHECK(made.ends_with(crlf("MIME-Version: 1.0\nContent-Type: text/html\n\n<p>x</p>\n")));
  CHECK(made.find("Bcc") == std::string::npos);
  const std::string refused =
      refusal_message("Nein, nö", crlf("Subject: x\nMessage-ID: <1@a.example>\n\n"), "x@y.example", origin);
  CHECK(refused.find("Disposition: automatic-action/MDN-sent-automatically; deleted\r\n") != std::string::npos);
  const auto structure = mail::mime::scan(refused);
  CHECK(structure.layout.size() == 4);
  CHECK(structure.descriptions[2].type.is("message", "disposition-notification"));
}

// RFC 5228 2.10.4, 2.10.7, RFC 5229 6
TEST_CASE("what a script may spend is bounded") {
  RunLimits limits;
  limits.steps = 10'000;
  const auto with = [&](const std::string& script) {
    return shown(outcome_of(all_extensions + script, message_a, {}, usual_setting(), limits));
  };
  CHECK(with("if false {}" + repeated(" if false {}", 4'900)) == "keep");
  CHECK(with("if false {}" + repeated(" if false {}", 5'100)).find("takes too many steps") != std::string::npos);
  CHECK(with(repeated("stop;", 1)) == "keep");
  limits.work = 100'000;
  const std::string stars = "\"*" + repeated("a", 1000) + "b\"";
  CHECK(with("set \"v\" \"" + repeated("a", 4000) + "\"; if string :matches \"${v}\" " + stars + " {}")
            .find("takes too much time") != std::string::npos);
  limits = {};
  // Doubling a text ends at what a variable may hold.
  CHECK(with("set \"v\" \"aaaaaaaaaaaaaaaa\"; " + repeated("set \"v\" \"${v}${v}\"; ", 40) +
             "set :length \"n\" \"${v}\"; fileinto \"${n}\";") == "fileinto 16384");
  std::string many;
  for (int i = 0; i < 257; ++i) many += "set \"v" + std::to_string(i) + "\" \"\"; ";
  CHECK(with(many).find("there are too many variables") != std::string::npos);
  std::string files;
  for (int i = 0; i < 33; ++i) files += "fileinto \"f" + std::to_string(i) + "\"; ";
  CHECK(with(files).find("there are too many actions") != std::string::npos);
  CHECK(with("set \"v\" \"" + repeated("a", 16'000) + "\"; fileinto \"" + repeated("${v}", 100) + "\";")
            .find("too long") != std::string::npos);
  // A cut never splits a character.
  CHECK(with("set \"v\" \"" + repeated("é", 9'000) + "\"; set :length \"n\" \"${v}\"; fileinto \"${n}\";") ==
        "fileinto 8192");
}
