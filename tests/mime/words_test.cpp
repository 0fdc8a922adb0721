#include <catch2/catch.hpp>

#include "mail/mime/charset.h"
#include "mail/mime/encoded_word.h"

using namespace mail::mime;

namespace {

struct Row {
  std::string_view text;
  std::string_view shown;
};

}  // namespace

TEST_CASE("encoded words are shown") {
  const Row rows[] = {
      // RFC 2047 8
      {"=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"},
      {"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld Jørn Simonsen <keld@dkuug.dk>"},
      {"=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>", "André Pirard <PIRARD@vm1.ulg.ac.be>"},
      {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
       "If you can read this you understand the example."},
      {"=?ISO-8859-1?Q?Olle_J=E4rnefors?= <ojarnef@admin.kth.se>", "Olle Järnefors <ojarnef@admin.kth.se>"},
      {"=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?= <paf@nada.kth.se>", "Patrik Fältström <paf@nada.kth.se>"},
      {"Nathaniel Borenstein <nsb@thumper.bellcore.com> (=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=)",
       "Nathaniel Borenstein <nsb@thumper.bellcore.com> (םולש ןב ילטפנ)"},
      {"(=?ISO-8859-1?Q?a?=)", "(a)"},
      {"(=?ISO-8859-1?Q?a?= b)", "(a b)"},
      {"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a_b?=)", "(a b)"},
      {"(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"},
      // RFC 2231 5
      {"=?US-ASCII*EN?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"},
      // A character in two words.
      {"=?utf-8?B?4oI=?= =?UTF-8?B?rA==?=", "€"},
      {"=?utf-8?Q?=E2=82?= =?utf-8?B?rA==?= x", "€ x"},
      {"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCOGwbKEI=?=", "日本語"},
      // Wrong, missing and unknown character sets.
      {"=?utf-8?Q?caf=E9?=", "café"},
      {"=?x-nonsense?Q?caf=C3=A9?=", "café"},
      {"=?us-ascii?Q?caf=C3=A9?=", "café"},
      {"=?iso-8859-1?Q?=93quoted=94?=", "“quoted”"},
      {"=?gb2312?B?xOO6ww==?=", "你好"},
      {"=?ks_c_5601-1987?B?vsiz5w==?=", "안녕"},
      {"=?koi8-r?B?8NLJ18XU?=", "Привет"},
      {"=?windows-1251?Q?=CF=F0=E8?=", "При"},
      {"=?shift_jis?B?k/qWew==?=", "日本"},
      {"=?/etc/passwd?Q?a?=", "a"},
      // Raw octets.
      {"caf\xC3\xA9", "café"},
      {"caf\xE9", "café"},
      // What is no word, or a broken one.
      {"=?utf-8?Q?never ends", "=?utf-8?Q?never ends"},
      {"=?utf-8?X?what?=", "=?utf-8?X?what?="},
      {"=?utf-8?Q?"
       "?=",
       ""},
      {"=?=?=?=?", "=?=?=?=?"},
      {"=?utf-8?Q?with spaces in it?=", "with spaces in it"},
      {"=?utf-8?Q?=41?==?utf-8?Q?=42?=", "AB"},
      {"=?utf-8?B?!!!?=", ""},
      {"x=?utf-8?Q?y?=z", "xyz"},
      {"=?utf-8?Q?a=0D=0ABcc:_b?=", "a  Bcc: b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(decode_words(row.text) == row.shown);
  }
}

TEST_CASE("octets are told apart") {
  CHECK(is_utf8("a\xE2\x82\xAC"));
  CHECK_FALSE(is_utf8("a\xE2\x82"));
  CHECK(is_utf8("a\xE2\x82", Tail::may_be_cut));
  CHECK_FALSE(is_utf8("\xC0\x80"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(is_utf8("\x80"));
  CHECK(is_ascii("0123456789"));
  CHECK_FALSE(is_ascii("01234567\x80"));
  CHECK_FALSE(
      is_ascii("0123456\x80"
               "9"));
  CHECK(guessed_utf8("é\xE2\x82") == "é");
  CHECK(guessed_utf8("a\xE9") == "aé");
  CHECK(guessed_utf8("\x1B$BF|K\\\x1B(B") == "日本");
  CHECK(guessed_utf8("\x1B$B") == "\x1B$B");
  CHECK(to_utf8("\x1B$B", "iso-2022-jp") == "\x1B$B");
  CHECK(first_characters("a€b", 2) == "a€");
  CHECK(first_characters("ab", 9) == "ab");
}

TEST_CASE("a text full of beginnings of words is read in linear time") {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "=?a?Q?x ";
  CHECK((decode_words(text) == text));
}
