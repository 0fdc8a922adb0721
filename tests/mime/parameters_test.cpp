#include <catch2/catch.hpp>

#include "mail/mime/parameters.h"

using namespace mail::mime;

namespace {

/// `type/subtype; name=value; name*=language'value`
std::string shown(const Parameters& parameters) {
  std::string out;
  for (const Parameter& one : parameters) {
    out += "; " + one.name;
    out += one.extended ? "*=" + one.language + "'" + one.value : "=" + one.value;
  }
  return out;
}

std::string shown_type(std::string_view value) {
  const auto type = parse_media_type(value);
  return type ? type->type + "/" + type->subtype + shown(type->parameters) : "none";
}

struct Row {
  std::string_view value;
  std::string_view shown;
};

}  // namespace

TEST_CASE("a Content-Type is read") {
  const Row rows[] = {
      {"text/plain; charset=us-ascii (Plain text)", "text/plain; charset=us-ascii"},
      {"text/plain; charset=\"us-ascii\"", "text/plain; charset=us-ascii"},
      {"TEXT/PLAIN; CHARSET=US-ASCII", "TEXT/PLAIN; CHARSET=US-ASCII"},
      {"text / plain ; charset = utf-8 ;", "text/plain; charset=utf-8"},
      {"multipart/mixed; boundary=gc0pJq0M:08jU534c0p", "multipart/mixed; boundary=gc0pJq0M:08jU534c0p"},
      {"multipart/mixed; boundary=\"gc0p\\\"J q\"", "multipart/mixed; boundary=gc0p\"J q"},
      {"multipart/mixed; boundary=\"----=_Part(1)\"; x=y", "multipart/mixed; boundary=----=_Part(1); x=y"},
      {"multipart/mixed; boundary=----=_a charset=x", "multipart/mixed; boundary=----=_a; charset=x"},
      {"application/pdf; name=my file.pdf", "application/pdf; name=my file.pdf"},
      {"application/pdf; name=\"never closed", "application/pdf; name=never closed"},
      {"text/html;charset=utf-8;;format=flowed", "text/html; charset=utf-8; format=flowed"},
      {"text/plain; charset", "text/plain"},
      {"text", "none"},
      {"/plain", "none"},
      {"", "none"},
      // RFC 2231 3
      {"message/external-body; access-type=URL; URL*0=\"ftp://\"; "
       "URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"",
       "message/external-body; access-type=URL; URL=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"},
      // RFC 2231 4
      {"application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
       "application/x-stuff; title*=en-us'This is ***fun***"},
      // RFC 2231 4.1
      {"application/x-stuff title*0*=us-ascii'en'This%20is%20even%20more%20 title*1*=%2A%2A%2Afun%2A%2A%2A%20 "
       "title*2=\"isn't it!\"",
       "application/x-stuff; title*=en'This is even more ***fun*** isn't it!"},
      // Out of order; a gap; a character in two segments; no character set.
      {"a/b; n*1=b; n*0=a; m=c", "a/b; n=ab; m=c"},
      {"a/b; n*0=a; n*2=c", "a/b; n=a"},
      {"a/b; n*0*=utf-8''%E2%82; n*1*=%AC", "a/b; n*='€"},
      {"a/b; n*=iso-8859-1''caf%E9", "a/b; n*='café"},
      {"a/b; n*=caf%C3%A9", "a/b; n*='café"},
      {"a/b; n*=''%zz", "a/b; n*='%zz"},
      {"a/b; n*999999999999999=x", "a/b; n*999999999999999=x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CHECK(shown_type(row.value) == row.shown);
  }
}

TEST_CASE("a Content-Disposition is read") {
  const auto name = [](std::string_view value) {
    const auto disposition = parse_disposition(value);
    return disposition
               ? disposition->type + ": " + shown_parameter(disposition->parameters, "filename").value_or("none")
               : "";
  };
  // RFC 2183 2.10, and what is met
  CHECK(name("inline") == "inline: none");
  CHECK(name("attachment; filename=genome.jpeg; modification-date=\"Wed, 12 Feb 1997 16:29:51 -0500\"") ==
        "attachment: genome.jpeg");
  CHECK(name("attachment; filename=\"=?utf-8?Q?caf=C3=A9?=.txt\"") == "attachment: café.txt");
  CHECK(name("attachment; filename=\"plain\"; filename*=utf-8''caf%C3%A9") == "attachment: café");
  CHECK(name("attachment; filename=caf\xE9.txt") == "attachment: café.txt");
  CHECK(name("filename=a b.txt") == "attachment: a b.txt");
  CHECK(name("").empty());
}

TEST_CASE("languages are read") {
  CHECK(parse_languages("en, fr (French) , de") == std::vector<std::string>{"en", "fr", "de"});
  CHECK(parse_languages("").empty());
}
