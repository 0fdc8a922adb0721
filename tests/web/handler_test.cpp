#include <catch2/catch.hpp>

#include <filesystem>
#include <regex>

#include "server/web_handler.h"

namespace {

/// What all else goes to.
struct Rest : server::Handler {
  server::Admission admit(const dav::Request&, const server::Peer&, server::Effort) override { return {}; }
  dav::Response handle(dav::Request&&) override {
    dav::Response response;
    response.status = 299;
    return response;
  }
};

/// A store with one account, ada.
struct Accounts {
  Accounts() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pileus-web-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = pattern;
    storage::StoreOptions options;
    options.directory = folder.string();
    store = storage::open_store(options);
    storage::PasswordPolicy policy;
    policy.argon2_passes = 1;
    policy.argon2_memory_kib = 64;
    accounts = std::make_unique<storage::Accounts>(*store, policy);
    storage::Account wanted;
    wanted.name = "ada";
    wanted.display_name = "Ada <L>";
    wanted.addresses = {"ada@example.org"};
    ada = accounts->create(wanted, "secret").id;
  }
  ~Accounts() {
    accounts.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  std::filesystem::path folder;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Accounts> accounts;
  storage::Id ada = 0;
};

struct Front {
  explicit Front(server::Config with) : config(std::move(with)), web(rest, *people.store, *people.accounts, config) {}

  dav::Response ask(const std::string& method, const std::string& path, const std::string& query = {},
                    const std::string& authority = "mail.example.org", std::string_view body = {},
                    const dav::Headers& headers = {}) {
    dav::Request request;
    request.headers = headers;
    request.client = "192.0.2.1";
    request.method = method;
    request.path = path;
    request.query = query;
    request.authority = authority;
    request.body = storage::Spool(body);
    return web.handle(std::move(request));
  }

  Accounts people;
  Rest rest;
  server::Config config;
  server::WebHandler web;
};

server::Config config() {
  server::Config config;
  config.host_name = "Mail.Example.org";
  config.imaps = {"[::]:993"};
  config.imap = {"[::]:143"};
  return config;
}

bool has(const dav::Response& response, std::string_view part) {
  return !response.body.empty() && response.body[0].bytes.find(part) != std::string::npos;
}

constexpr std::string_view outlook =
    "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\"><Request>"
    "<EMailAddress>ada@example.org</EMailAddress><AcceptableResponseSchema>"
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>"
    "</Request></Autodiscover>";

}  // namespace

TEST_CASE("autoconfig is for the domain of the address, or of the name that is asked") {
  Front front(config());
  for (const char* path : {"/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"}) {
    CAPTURE(path);
    CHECK(has(front.ask("GET", path, "emailaddress=ada%40example.org"), "<domain>example.org</domain>"));
    CHECK(has(front.ask("GET", path, "", "AutoConfig.Example.com"), "<domain>example.com</domain>"));
    CHECK(has(front.ask("GET", path, "emailaddress=%EMAILADDRESS%", "example.com:443"), "<domain>example.com<"));
    CHECK(front.ask("GET", path, "", "[::1]:8443").status == 404);
    CHECK(front.ask("PUT", path).status == 405);
  }
  CHECK(front.ask("GET", "/mail/config-v1.1.xml/").status == 299);
  CHECK(front.ask("GET", "/Mail/config-v1.1.xml").status == 299);
}

TEST_CASE("with configured domains the others are unknown, whoever is said to live there") {
  server::Config with = config();
  with.domains = {"Example.org"};
  Front front(with);
  const std::string path = "/mail/config-v1.1.xml";
  CHECK(front.ask("GET", path, "emailaddress=ada@example.com").status == 404);
  const auto ada = front.ask("GET", path, "emailaddress=ada@example.org");
  const auto nobody = front.ask("GET", path, "emailaddress=nobody@example.org");
  CHECK(ada.status == 200);
  CHECK(ada.body[0].bytes == nobody.body[0].bytes);
}

TEST_CASE("STARTTLS is told of only with a certificate") {
  Front front(config());
  CHECK_FALSE(has(front.ask("GET", "/mail/config-v1.1.xml", "", "example.org"), "<port>143</port>"));
  server::Config with = config();
  with.certificates = {{"chain.pem", "key.pem"}};
  front.web.set_config(with);
  CHECK(has(front.ask("GET", "/mail/config-v1.1.xml", "", "example.org"), "<port>143</port>"));
}

TEST_CASE("the server has the name that is configured, or else the one that was asked, and the port") {
  Front front(config());
  const std::string path = "/mail/config-v1.1.xml";
  CHECK(has(front.ask("GET", path, "", "other.example.org:8443"), "https://mail.example.org:8443/dav/"));
  server::Config with = config();
  with.host_name = "";
  front.web.set_config(with);
  CHECK(has(front.ask("GET", path, "", "other.example.org:8443"), "https://other.example.org:8443/dav/"));
  CHECK_FALSE(has(front.ask("GET", path, "", "autoconfig.example.org"), "https://autoconfig."));
}

TEST_CASE("autodiscover takes its path in any case, and XML of no surprises") {
  Front front(config());
  const auto post = [&](std::string_view body, const std::string& path = "/Autodiscover/Autodiscover.xml") {
    return front.ask("POST", path, "", "autodiscover.example.org", body);
  };
  CHECK(has(post(outlook), "<Type>IMAP</Type>"));
  CHECK(has(post(outlook, "/AUTODISCOVER/AUTODISCOVER.XML"), "<LoginName>ada@example.org</LoginName>"));
  CHECK(post(outlook).headers.find("Cache-Control") == "no-store");
  const std::string entity = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
  for (const std::string& bad : {std::string(), std::string("<Autodiscover>"), entity + std::string(outlook),
                                 std::string("<a/>"), std::string("<Autodiscover><Request/></Autodiscover>")}) {
    CAPTURE(bad);
    CHECK(has(post(bad), "<ErrorCode>600</ErrorCode>"));
  }
  CHECK(has(front.ask("GET", "/autodiscover/autodiscover.xml"), "<ErrorCode>600</ErrorCode>"));
  CHECK(front.ask("DELETE", "/autodiscover/autodiscover.xml").status == 405);
}

TEST_CASE("autodiscover of version 2 is answered with an address or without, in the path or not") {
  Front front(config());
  for (const char* path : {"/autodiscover/autodiscover.json", "/autodiscover/autodiscover.json/v1.0/ada@example.org"}) {
    CAPTURE(path);
    CHECK(has(front.ask("GET", path, "Email=ada@example.org&PROTOCOL=autodiscoverv1"), "autodiscover.xml\""));
    CHECK(front.ask("GET", path, "Protocol=ActiveSync").status == 400);
  }
  CHECK(front.ask("GET", "/autodiscover/autodiscover.jsonx").status == 299);
}

namespace {

constexpr std::string_view good_form =
    "name=ada&password=secret&device=Ada%27s+phone&mail=yes&calendars=yes&contacts=yes";

dav::Response send(Front& front, std::string_view form, const std::string& field = {}, const std::string& value = {}) {
  dav::Headers headers;
  headers.add("Content-Type", "application/x-www-form-urlencoded");
  if (!field.empty()) headers.add(field, value);
  return front.ask("POST", "/setup/", "", "mail.example.org", form, headers);
}

server::Config with_sending() {
  server::Config with = config();
  with.submissions = {"[::]:465"};
  return with;
}

}  // namespace

TEST_CASE("the page for setting up a device has a form and no more, and nobody keeps it") {
  Front front(with_sending());
  const auto page = front.ask("GET", "/setup/");
  CHECK(page.status == 200);
  CHECK(page.headers.find("Cache-Control") == "no-store");
  const std::string policy(page.headers.find("Content-Security-Policy").value_or(""));
  CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  CHECK(policy.find("form-action 'self'") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK_FALSE(has(page, "<script"));
  CHECK(has(page, "name=\"mail\""));
  CHECK(front.ask("GET", "/setup").status == 301);
  CHECK(front.ask("PUT", "/setup/").status == 405);
  Front without(config());  // There is no way to send mail.
  CHECK_FALSE(has(without.ask("GET", "/setup/"), "name=\"mail\""));
}

TEST_CASE("a profile has an app password of its own, for what was ticked") {
  Front front(with_sending());
  const auto made = send(front, good_form, "Origin", "https://mail.example.org");
  REQUIRE(made.status == 200);
  CHECK(made.headers.find("Content-Type") == "application/x-apple-aspen-config");
  CHECK(made.headers.find("Cache-Control") == "no-store");
  for (const char* part : {"com.apple.mail.managed", "com.apple.caldav.account", "com.apple.carddav.account",
                           "<string>Ada &lt;L&gt;</string>", "<integer>993</integer>", "<integer>465</integer>"}) {
    CAPTURE(part);
    CHECK(has(made, part));
  }
  CHECK_FALSE(has(made, ">secret<"));
  const auto credentials = front.people.accounts->credentials(front.people.ada);
  REQUIRE(credentials.size() == 1);
  CHECK(credentials[0].label == "Ada's phone");
  std::smatch password;
  REQUIRE(std::regex_search(made.body[0].bytes, password, std::regex("IncomingPassword</key><string>([^<]*)<")));
  const auto login = front.people.accounts->authenticate("ada", password[1].str(), "192.0.2.9", "test");
  REQUIRE(login.principal);
  CHECK(login.principal->scope.mail);
  CHECK(login.principal->scope.dav);

  const auto calendars = send(front, "name=ada@example.org&password=secret&device=Mac&calendars=yes");
  REQUIRE(calendars.status == 200);
  CHECK_FALSE(has(calendars, "com.apple.mail.managed"));
  CHECK_FALSE(has(calendars, "com.apple.carddav"));
  CHECK_FALSE(front.people.accounts->credentials(front.people.ada).back().scope.mail);
}

TEST_CASE("a device has the same identifiers again, another device has others") {
  Front front(with_sending());
  const auto identifiers = [](const dav::Response& made) {
    std::string all;
    const std::string text = made.body.at(0).bytes;
    static const std::regex wanted("Payload(UUID|Identifier)</key><string>([^<]*)<");
    for (std::sregex_iterator one(text.begin(), text.end(), wanted), end; one != end; ++one) all += one->str(2) + '\n';
    return all;
  };
  const std::string first = identifiers(send(front, good_form));
  CHECK(std::count(first.begin(), first.end(), '\n') == 8);
  CHECK(first == identifiers(send(front, good_form)));
  CHECK(first != identifiers(send(front, "name=ada&password=secret&device=Mac&mail=1&calendars=1&contacts=1")));
}

TEST_CASE("a form is refused where it can't be trusted, and nothing is made") {
  Front front(with_sending());
  CHECK(send(front, good_form, "Origin", "https://evil.example").status == 403);
  CHECK(send(front, good_form, "Origin", "null").status == 403);
  CHECK(send(front, good_form, "Sec-Fetch-Site", "cross-site").status == 403);
  CHECK(send(front, good_form, "Sec-Fetch-Site", "same-site").status == 403);
  CHECK(front.ask("POST", "/setup/", "", "mail.example.org", good_form).status == 415);
  CHECK(send(front, "name=ada&password=wrong&device=x&mail=yes").status == 403);
  CHECK(send(front, "name=ada&password=&device=x&mail=yes").status == 400);
  CHECK(send(front, "name=ada&password=secret&device=x").status == 400);
  CHECK(send(front, "name=ada&password=secret&mail=yes&device=" + std::string(61, 'x')).status == 400);
  CHECK(has(send(front, "name=%3Cb%3E&password=wrong&device=%22&mail=yes"), "value=\"&lt;b&gt;\""));
  CHECK(front.people.accounts->credentials(front.people.ada).empty());
}

TEST_CASE("an app password makes no others") {
  Front front(with_sending());
  const std::string own =
      front.people.accounts->create_credential(front.people.ada, "phone", {true, true, false}, std::nullopt);
  CHECK(send(front, "name=ada&device=x&mail=yes&password=" + own).status == 403);
  CHECK(front.people.accounts->credentials(front.people.ada).size() == 1);
}

TEST_CASE("who guesses passwords on the page waits as anywhere") {
  Front front(with_sending());
  int status = 0;
  const auto guess = [&](int i) { return send(front, "name=ada&device=x&mail=1&password=guess" + std::to_string(i)); };
  for (int i = 0; i < 20 && status != 429; ++i) status = guess(i).status;
  CHECK(status == 429);
  CHECK(guess(20).headers.find("Retry-After"));
}

TEST_CASE("no password is asked for in the clear") {
  Front front(with_sending());
  dav::Request request;
  request.method = "GET";
  request.path = "/setup/";
  request.scheme = "http";
  CHECK(front.web.handle(std::move(request)).status == 403);
}
