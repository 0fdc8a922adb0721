#include <catch2/catch.hpp>
#include <ctime>
#include <functional>
#include <iostream>

#include "mail/mime/body_structure.h"
#include "mail/mime/envelope.h"
#include "mail/mime/sort_keys.h"
#include "tests/mime/message.h"

using namespace mail::mime;

// How fast reading is, by the processor's time; nothing is asserted. mime_tests "[.speed]"

namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void measure(const char* what, std::size_t octets, const std::function<void()>& run) {
  const double begin = processor_seconds();
  int count = 0;
  while (processor_seconds() - begin < 0.3) {
    run();
    ++count;
  }
  const double seconds = (processor_seconds() - begin) / count;
  std::cout << what << ": " << static_cast<double>(octets) / seconds / 1e6 << " MB/s, " << seconds * 1e6
            << " us each\n";
}

std::string message_of(std::string_view type, std::string_view encoding, std::string_view line, std::size_t size) {
  std::string out =
      "Received: from a.example by b.example with ESMTPS id 1234567890; Wed, 17 Jul 1996 02:23:25 -0700\r\n"
      "Received: from c.example by a.example with ESMTPS id 0987654321; Wed, 17 Jul 1996 02:23:20 -0700\r\n"
      "From: =?utf-8?Q?Ad=C3=A8le?= <adele@example.org>\r\nTo: Bob <bob@example.org>, carol@example.org\r\n"
      "Subject: Re: [list] =?utf-8?Q?The_=C3=A9tude?=\r\nDate: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
      "Message-ID: <1234567890@example.org>\r\nReferences: <1@example.org> <2@example.org> <3@example.org>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_boundary\"\r\n\r\n--=_boundary\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n\r\nHello.\r\n--=_boundary\r\n";
  out += "Content-Type: " + std::string(type) + "\r\nContent-Transfer-Encoding: " + std::string(encoding) + "\r\n\r\n";
  while (out.size() < size) out += line;
  return out + "\r\n--=_boundary--\r\n";
}

void measure_message(const std::string& name, const std::string& message) {
  measure(("scan, " + name).c_str(), message.size(), [&] { scan_in_pieces(message, 65536); });
  const Structure structure = scan(message);
  measure(("search text, " + name).c_str(), message.size(), [&] { search_text(structure, reader_of(message)); });
}

}  // namespace

TEST_CASE("speed", "[.speed]") {
  constexpr std::size_t large = 32 * 1024 * 1024;
  constexpr std::string_view text = "This is a line of text as mails have it, neither long nor short, of letters.\r\n";
  constexpr std::string_view base64 =
      "VGhpcyBpcyBhIGxpbmUgb2YgdGV4dCBhcyBtYWlscyBoYXZlIGl0LCBuZWl0aGVyIGxvbmcgbm9y\r\n";
  constexpr std::string_view quoted =
      "This is a l=C3=AFne of text as mails have it, neither long nor short, of le=\r\n";
  constexpr std::string_view html =
      "<p class=\"x\">This is <b>a</b> line of text &amp; markup, <a href=\"https://x/\">as</a> mails<br>\r\n";
  measure_message("32 MiB 7bit", message_of("text/plain", "7bit", text, large));
  measure_message("32 MiB base64", message_of("image/jpeg", "base64", base64, large));
  measure_message("32 MiB quoted-printable", message_of("text/plain", "quoted-printable", quoted, large));
  measure_message("100 KiB html", message_of("text/html", "7bit", html, 100 * 1024));
  measure_message("5 KiB 7bit", message_of("text/plain", "7bit", text, 5 * 1024));
  const std::string small = message_of("text/plain", "7bit", text, 5 * 1024);
  measure("all that is computed at delivery but search text, 5 KiB", small.size(), [&] {
    const Structure structure = scan(small);
    const std::string& header = structure.descriptions[0].header;
    std::string all = envelope(header, Client::utf8) + body_structure(structure, Detail::body_structure, Client::utf8) +
                      pack(structure.layout) + sort_keys(header).base_subject + preview(structure, reader_of(small));
    if (all.empty()) throw 0;
  });
  std::string list = "To: ";
  for (int i = 0; i < 2'000; ++i)
    list += "=?utf-8?Q?Ad=C3=A8le?= \"X. Y\" <adele" + std::to_string(i) + "@example.org>,\r\n ";
  measure("envelope of 2000 addresses", list.size(), [&] { envelope(list, Client::rev1); });
}
