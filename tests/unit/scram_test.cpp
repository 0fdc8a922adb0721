#include "mail/scram.h"

#include <catch2/catch.hpp>

#include "storage/scram.h"

using namespace mail;

namespace {

// RFC 7677 3
constexpr std::string_view client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view client_final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

}  // namespace

TEST_CASE("the exchange of RFC 7677 is checked and answered to the letter") {
  const auto first = parse_scram_first(client_first);
  const auto last = parse_scram_final(client_final);
  REQUIRE(first);
  REQUIRE(last);
  CHECK(first->name == "user");
  CHECK(last->binding == first->header);
  const auto keys = storage::scram_keys("pencil", *decode_sasl("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  REQUIRE(keys);
  const std::string message = first->bare + "," + std::string(server_first) + "," + last->without_proof;
  const auto signature = storage::check_scram(*keys, message, last->proof);
  REQUIRE(signature);
  CHECK(scram_signature(*signature) == server_final);
  CHECK_FALSE(storage::check_scram(*keys, message + "x", last->proof));
  std::string other = last->proof;
  other[0] = static_cast<char>(other[0] ^ 1);
  CHECK_FALSE(storage::check_scram(*keys, message, other));
  CHECK_FALSE(storage::check_scram(*keys, message, ""));
}

TEST_CASE("a client's first message of SCRAM is read, and what it may not be is refused") {
  const auto named = parse_scram_first("y,a=chief=2C=3D,n=a=2Cb=3Dc,r=x,ext=1");
  REQUIRE(named);
  CHECK(named->authorize_as == "chief,=");
  CHECK(named->name == "a,b=c");
  CHECK(named->header == "y,a=chief=2C=3D,");
  CHECK(named->bare == "n=a=2Cb=3Dc,r=x,ext=1");
  for (const std::string_view wrong :
       {"", "n", "n,,", "n,,n=user", "n,,r=x,n=user", "n,,n=,r=x", "n,,n=user,r=", "n,,n=us=er,r=x", "n,,n=user=2,r=x",
        "p=tls-unique,,n=user,r=x", "x,,n=user,r=x", "n,user,n=user,r=x", "n,,m=1,n=user,r=x", "n,,n=user,r=\x7f"}) {
    INFO(wrong);
    CHECK_FALSE(parse_scram_first(wrong));
  }
  CHECK_FALSE(parse_scram_first("n,,n=" + std::string(5000, 'a') + ",r=x"));
}

TEST_CASE("a client's last message of SCRAM is read, and what it may not be is refused") {
  CHECK(parse_scram_final("c=biws,r=x,ext=1,p=AAAA")->without_proof == "c=biws,r=x,ext=1");
  for (const std::string_view wrong :
       {"", "c=biws,r=x", "c=biws,p=AAAA", "r=x,c=biws,p=AAAA", "c=b,r=x,p=AAAA", "c=biws,r=x,p=AAA", "p=AAAA"}) {
    INFO(wrong);
    CHECK_FALSE(parse_scram_final(wrong));
  }
}

TEST_CASE("a password is prepared for SCRAM as RFC 4013 says") {
  const auto keys = [](std::string_view password) { return storage::scram_keys(password, "salt", 1); };
  const auto same = [&](std::string_view one, std::string_view other) {
    return keys(one)->stored_key == keys(other)->stored_key;
  };
  CHECK(same("I\u00ADX", "IX"));
  CHECK(same("\u00AA", "a"));
  CHECK(same("\u2168", "IX"));
  CHECK(same("a\u00A0b", "a b"));
  CHECK_FALSE(same("user", "USER"));
  CHECK_FALSE(keys("\x07"));
  CHECK_FALSE(keys("\u0627\u0031"));
  CHECK_FALSE(keys("\xFF"));
  CHECK_FALSE(keys(""));
}
