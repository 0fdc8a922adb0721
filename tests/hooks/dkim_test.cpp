#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "mail/dkim/keyring.h"
#include "mail/mime/header.h"
#include "mail/mime/transfer.h"
#include "tests/hooks/folder.h"

using namespace mail::dkim;

namespace {

std::string relaxed(std::string_view body, std::size_t piece = 1000, Canonicalization way = Canonicalization::relaxed) {
  std::string out;
  CanonicalBody canonical(way, [&](std::string_view octets) { out += octets; });
  for (std::size_t i = 0; i < body.size(); i += piece) canonical.add(body.substr(i, piece));
  canonical.finish();
  return out;
}

std::string simple(std::string_view body, std::size_t piece = 1000) {
  return relaxed(body, piece, Canonicalization::simple);
}

std::string text_of(const std::vector<SignatureField>& fields) {
  std::string out;
  for (const SignatureField& field : fields) out += field.name + ":" + field.value + "\r\n";
  return out;
}

std::string hash_of(std::string_view octets) {
  Hash hash;
  hash.add(octets);
  return hash.finish();
}

const std::string dinner_header =
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n";
// The RFCs set two spaces after "game."; what their signatures sign, the relaxed one too, has one.
const std::string dinner_body = "Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n";

// RFC 6376 appendix C, the PEM's lines without their indentation.
const std::string brisbane_key =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
    "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
    "AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
    "/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
    "gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
    "n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
    "3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
    "eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
    "7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
    "qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
    "eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
    "GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
    "-----END RSA PRIVATE KEY-----\n";

// RFC 8463 A.1
const std::string football_key =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
    "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
    "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
    "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
    "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
    "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
    "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
    "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
    "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
    "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
    "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
    "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
    "-----END RSA PRIVATE KEY-----\n";

std::shared_ptr<const Key> shared(Key key) { return std::make_shared<const Key>(std::move(key)); }

const std::vector<std::string> eight_names{"from", "to", "subject", "date", "message-id", "from", "subject", "date"};

}  // namespace

// RFC 6376 3.4.5
TEST_CASE("the examples of canonicalization come out as the RFC has them", "[dkim]") {
  CHECK(canonical_field(Canonicalization::relaxed, "A: X\r\n") == "a:X\r\n");
  CHECK(canonical_field(Canonicalization::relaxed, "B : Y\t\r\n\tZ  \r\n") == "b:Y Z\r\n");
  CHECK(canonical_field(Canonicalization::simple, "B : Y\t\r\n\tZ  \r\n") == "B : Y\t\r\n\tZ  \r\n");
  for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
    CHECK(relaxed(" C \r\nD \t E\r\n\r\n\r\n", piece) == " C\r\nD E\r\n");
    CHECK(simple(" C \r\nD \t E\r\n\r\n\r\n", piece) == " C \r\nD \t E\r\n");
  }
}

TEST_CASE("a body's end, its line ends and white space are as the RFC wants them", "[dkim]") {
  struct Row {
    std::string body;
    std::string simple;
    std::string relaxed;
  };
  const std::vector<Row> rows{
      {"", "\r\n", ""},
      {"\r\n", "\r\n", ""},
      {"\r\n\r\n\r\n", "\r\n", ""},
      {" \r\n\t\r\n", " \r\n\t\r\n", ""},
      {"a", "a\r\n", "a\r\n"},
      {"a ", "a \r\n", "a\r\n"},
      {"\r\na", "\r\na\r\n", "\r\na\r\n"},
      {"a\r\n\r\n\r\nb\r\n\r\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},
      {"a\rb\nc\r\n", "a\rb\nc\r\n", "a\rb\nc\r\n"},
      {"a \r\r\nb", "a \r\r\nb\r\n", "a \r\r\nb\r\n"},
      {"a\r", "a\r\r\n", "a\r\r\n"},
      {"a" + std::string(2 * 40, '\n') + "b", "a" + std::string(80, '\n') + "b\r\n",
       "a" + std::string(80, '\n') + "b\r\n"},
  };
  for (const Row& row : rows) {
    for (const std::size_t piece : {1U, 2U, 100U}) {
      CAPTURE(row.body, piece);
      CHECK(simple(row.body, piece) == row.simple);
      CHECK(relaxed(row.body, piece) == row.relaxed);
    }
  }
  std::string many = "a";
  for (int i = 0; i < 37; ++i) many += "\r\n";
  CHECK(simple(many + "b") == many + "b\r\n");
}

// RFC 6376 A.2, with the indentation of six spaces that was signed
TEST_CASE("the example of RFC 6376 gets the signature that it has there", "[dkim]") {
  const std::string received =
      "Received: from client1.football.example.com  [192.0.2.1]\r\n"
      "      by submitserver.example.com with SUBMISSION;\r\n"
      "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n";
  CHECK(base64(hash_of(simple(dinner_body))) == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
  const Key key = Key::from_pem(brisbane_key);
  CHECK(key.record() ==
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkM"
        "oGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/R"
        "tdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToI"
        "MmPSPDdQPNUYckcQ2QIDAQAB");
  const std::string field =
      "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
      "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
      "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
      "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      "      b=;\r\n";
  const std::vector<std::string> names{"Received", "From", "To", "Subject", "Date", "Message-ID"};
  const std::string octets = signed_octets(Canonicalization::simple, received + dinner_header, names, field);
  CHECK(base64(key.sign(hash_of(octets))) ==
        "AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut"
        "KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV4bmp/YzhwvcubU4=");
}

// RFC 8463 appendix A
TEST_CASE("the example of RFC 8463 gets the signatures that it has there", "[dkim]") {
  CHECK(base64(hash_of(relaxed(dinner_body))) == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
  const std::string ed25519 =
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=\r\n";
  const Key small = Key::from_seed(mail::mime::decode_base64("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="));
  CHECK(small.record() == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  CHECK(base64(small.sign(hash_of(signed_octets(Canonicalization::relaxed, dinner_header, eight_names, ed25519)))) ==
        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==");
  const std::string rsa =
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
      " date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=\r\n";
  const Key large = Key::from_pem(football_key);
  CHECK(base64(large.sign(hash_of(signed_octets(Canonicalization::relaxed, dinner_header, eight_names, rsa)))) ==
        "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgee"
        "fOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=");
}

// RFC 6376 5.4.2, 8.15
TEST_CASE("fields that come several times are signed from the bottom, and From once more than it is there", "[dkim]") {
  const std::string header = "Received: 1\r\nReceived: 2\r\nFrom: a@b\r\nReceived: 3\r\n\r\n";
  const std::vector<std::string> names{"received", "from", "received", "from"};
  CHECK(signed_octets(Canonicalization::relaxed, header, names, "X: b=\r\n") ==
        "received:3\r\nfrom:a@b\r\nreceived:2\r\nx:b=");
  const auto all = signed_names("From: a@b\r\nList-Id: x\r\nsubject: y\r\n\r\n");
  CHECK(std::count(all.begin(), all.end(), "From") == 2);
  CHECK(std::count(all.begin(), all.end(), "Subject") == 2);
  CHECK(std::count(all.begin(), all.end(), "Cc") == 1);
  CHECK(std::count(all.begin(), all.end(), "List-Id") == 1);
  CHECK(std::count(all.begin(), all.end(), "List-Post") == 0);
}

TEST_CASE("a message is signed by each key, however its octets come", "[dkim]") {
  const std::vector<Identity> identities{
      {"example.com", "one", shared(Key::from_pem(brisbane_key))},
      {"example.com", "two", shared(Key::from_seed(std::string(32, 'k')))},
  };
  const std::string message = dinner_header + dinner_body;
  std::string whole;
  for (const std::size_t piece : {1000U, 7U, 1U}) {
    Signer signer(identities, {Canonicalization::relaxed, Canonicalization::relaxed, 1});
    for (std::size_t i = 0; i < message.size(); i += piece) signer.add(std::string_view(message).substr(i, piece));
    const std::string fields = text_of(signer.finish());
    if (whole.empty()) whole = fields;
    CHECK(fields == whole);
  }
  const auto values = mail::mime::all_values(whole, "DKIM-Signature");
  REQUIRE(values.size() == 2);
  CHECK(values[0].find("a=rsa-sha256; c=relaxed/relaxed;") != std::string::npos);
  CHECK(values[1].find("a=ed25519-sha256; c=relaxed/relaxed;") != std::string::npos);
  std::size_t width = 0;
  for (const char c : whole) {
    width = c == '\n' ? 0 : width + 1;
    CHECK(width <= 79);
  }
}

TEST_CASE("what can't be signed is refused", "[dkim]") {
  Signer nobody({}, {});
  nobody.add("Subject: x\r\n\r\n");
  CHECK_THROWS_AS(nobody.finish(), CannotSign);
  Signer endless({}, {});
  const std::string line(100'000, 'x');
  CHECK_THROWS_AS(
      [&] {
        for (int i = 0; i < 20; ++i) endless.add(line);
      }(),
      CannotSign);
}

// RFC 8301 3.2
TEST_CASE("keys that must not sign are refused", "[dkim]") {
  CHECK_THROWS_AS(Key::generate(Algorithm::rsa_sha256, 512), KeyError);
  CHECK_THROWS_AS(Key::from_pem("nothing"), KeyError);
  CHECK_THROWS_AS(Key::from_seed("short"), KeyError);
  const std::string public_key =
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
      "-----END PUBLIC KEY-----\n";
  CHECK_THROWS_AS(Key::from_pem(public_key), KeyError);
}

TEST_CASE("a key's file is its owner's alone, and is never written over", "[dkim]") {
  const Folder folder;
  const std::string path = folder.path("mail.pem");
  const Key key = Key::generate(Algorithm::ed25519_sha256);
  write_key(path, key);
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600U);
  CHECK(read_key(path).record() == key.record());
  CHECK_THROWS_AS(write_key(path, key), KeyError);
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  CHECK_THROWS_WITH(read_key(path), Catch::Contains("chmod 0600"));
  CHECK_THROWS_WITH(read_key(folder.path("none")), Catch::Contains("No such file"));
}

TEST_CASE("who signs is found by the author's domain or the nearest above it", "[dkim]") {
  const Folder folder;
  write_key(folder.path("a"), Key::generate(Algorithm::ed25519_sha256));
  const std::vector<KeyFile> files{{"Example.org", "one", folder.path("a")},
                                   {"example.org", "two", folder.path("a")},
                                   {"sub.example.org", "three", folder.path("a")}};
  const Keyring ring(files);
  const auto selectors = [&](const std::string& from) {
    std::string out;
    for (const Identity& one : ring.identities_of(from.empty() ? "\r\n" : "From: " + from + "\r\n\r\n")) {
      out += one.selector + " ";
    }
    return out;
  };
  CHECK(selectors("Ada <ada@EXAMPLE.org>") == "one two ");
  CHECK(selectors("ada@deep.sub.example.org") == "three ");
  CHECK(selectors("ada@other.example.org, bob@other.example.org") == "one two ");
  CHECK(selectors("ada@example.org, bob@example.net").empty());
  CHECK(selectors("ada@notexample.org").empty());
  CHECK(selectors("ada@org").empty());
  CHECK(selectors("").empty());
}

// For tests/hooks/dkim_verify.py: signed messages and the records of their keys, in the folder $PILEUS_SIGNED.
TEST_CASE("messages are signed for another program to verify", "[.signed]") {
  const char* folder = std::getenv("PILEUS_SIGNED");
  REQUIRE(folder != nullptr);
  const auto rsa = shared(Key::generate(Algorithm::rsa_sha256));
  const auto ed25519 = shared(Key::generate(Algorithm::ed25519_sha256));
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(std::string(folder) + "/" + name, std::ios::binary) << text;
  };
  write("rsa._domainkey.example.org", rsa->record());
  write("ed._domainkey.example.org", ed25519->record());
  const std::string header =
      "Received: from a\r\n\tby b\r\nFrom: =?utf-8?Q?Ad=C3=A1?=\r\n  <ada@example.org> \r\n"
      "To: x@example.net,\r\n\ty@example.net\r\nSubject:  two  spaces\t\r\n"
      "DATE: Fri, 11 Jul 2003 21:00:37 -0700\r\nList-Id: <l.example.org>\r\n";
  std::string large = "first\r\n";
  for (int i = 0; i < 50'000; ++i) large += "line  " + std::to_string(i) + " \t\r\n" + (i % 7 == 0 ? "\r\n" : "");
  const std::vector<std::string> bodies{"",   "\r\n", "Hi.\r\n \t\r\n\r\n", "no end", "\r\n\r\n lead\tt\r\n\r\n\r\n",
                                        large};
  int number = 0;
  for (const std::string& body : bodies) {
    for (const auto way_of_header : {Canonicalization::simple, Canonicalization::relaxed}) {
      for (const auto way_of_body : {Canonicalization::simple, Canonicalization::relaxed}) {
        Signer signer({{"example.org", "rsa", rsa}, {"example.org", "ed", ed25519}},
                      {way_of_header, way_of_body, 1'700'000'000});
        const std::string message = header + "\r\n" + body;
        for (std::size_t i = 0; i < message.size(); i += 1021) signer.add(std::string_view(message).substr(i, 1021));
        write(std::to_string(++number) + ".eml", text_of(signer.finish()) + message);
      }
    }
  }
}
