#include "server/basic.h"

#include <catch2/catch.hpp>

using server::parse_basic;

TEST_CASE("Basic credentials are read as RFC 7617 says") {
  const auto read = parse_basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  REQUIRE(read);
  CHECK(read->name == "Aladdin");
  CHECK(read->password == "open sesame");
  // RFC 7617 2.1: "test" and "123£" in UTF-8.
  const auto pound = parse_basic("basic dGVzdDoxMjPCow==");
  REQUIRE(pound);
  CHECK(pound->password == "123\xC2\xA3");
  // A password may have colons, or be empty; a name may not.
  CHECK(parse_basic("BASIC YTpiOmM=")->password == "b:c");
  CHECK(parse_basic("Basic   YTo=")->password.empty());
}

TEST_CASE("what is not strictly Basic is refused") {
  for (const char* field : {
           "", "Basic", "Basic ", "Bearer QTpi", "BasicQTpi",
           "Basic QTpi QTpi",  // two tokens
           "Basic QTp",        // not padded
           "Basic QTpiYw=",    // padded wrongly
           "Basic QTpiYw===",
           "Basic QTpiYx==",  // bits that are thrown away
           "Basic QTpi\n",    // other characters
           "Basic QTp-", "Basic ====",
           "Basic QUJD",      // no colon
           "Basic OmFi",      // no name
           "Basic QTphCg==",  // a control character
           "Basic QTr/",      // not UTF-8
       }) {
    INFO(field);
    CHECK_FALSE(parse_basic(field));
  }
}
