#include <catch2/catch.hpp>

#include "web/site.h"
#include "web/text.h"

TEST_CASE("a domain is labels of letters, digits and hyphens") {
  for (const char* good : {"example.org", "localhost", "a.b-c.d1", "xn--bcher-kva.example"}) {
    CAPTURE(good);
    CHECK(web::is_domain(good));
  }
  for (const char* bad : {"", ".", "a..b", "-a.org", "a-.org", "exa mple.org", "example.org.", "B.org", "[::1]", "a/b",
                          "bücher.example"}) {
    CAPTURE(bad);
    CHECK_FALSE(web::is_domain(bad));
  }
  CHECK_FALSE(web::is_domain(std::string(64, 'a') + ".org"));
}

TEST_CASE("an address has the domain after its last @") {
  CHECK(web::domain_of("ada@Example.ORG") == "example.org");
  CHECK(web::domain_of("\"a@b\"@example.org") == "example.org");
  for (const char* bad : {"", "@example.org", "example.org", "ada@", "ada@exa mple", "ada@<x>"}) {
    CAPTURE(bad);
    CHECK_FALSE(web::domain_of(bad));
  }
}

TEST_CASE("text is escaped for XML, HTML and JSON") {
  CHECK(web::escaped("<a href='x'>\"&\"</a>") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
  CHECK(web::escaped("a\x01\r\nb\xFF"
                     "c\xC3\xA4\xED\xA0\x80\xEF\xBF\xBE") == "abcä");
  CHECK(web::json_string("a\"b\\c\n\xC0\xAFü") == "\"a\\\"b\\\\c\\u000aü\"");
}

TEST_CASE("fields of a form are decoded, the first of each name, and not without bound") {
  const auto fields = web::form_fields("a=1&b=x%20y+z&a=2&&c&d=%zz%4&%65=%c3%a4=");
  CHECK(fields.size() == 5);
  CHECK(fields.at("a") == "1");
  CHECK(fields.at("b") == "x y z");
  CHECK(fields.at("c").empty());
  CHECK(fields.at("d") == "%zz%4");
  CHECK(fields.at("e") == "ä=");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "&n" + std::to_string(i);
  CHECK(web::form_fields(many).size() == 64);
}
