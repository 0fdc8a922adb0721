#include "dav/dispatch.h"

#include <catch2/catch.hpp>
#include <functional>

#include "storage/failure.h"

namespace {

/// A store that has no rows, only troubles.
class TroubledStore : public storage::Store {
 public:
  std::function<void()> trouble = [] {};

  storage::StagedBlob stage(storage::Spool) override {
    trouble();
    return {};
  }
  std::shared_ptr<void> subscribe(Notify) override { return nullptr; }
  void tidy(std::chrono::milliseconds) override {}
  storage::StoreFigures figures() const override { return {}; }
  const std::string& spool_directory() const override { return folder_; }

 protected:
  void do_read(const Job&) override { trouble(); }
  void do_write(const Job&, std::string_view) override { trouble(); }

 private:
  std::string folder_ = "/tmp";
};

dav::Request request(std::string method, std::string path) {
  dav::Request result;
  result.method = std::move(method);
  result.path = std::move(path);
  result.authority = "pileus.test";
  result.principal = storage::Principal{1, "ada", 0, {}};
  return result;
}

std::string body_of(const dav::Response& response) {
  std::string all;
  for (const auto& segment : response.body) all += segment.bytes;
  return all;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("what goes wrong in the store becomes an answer that tells nothing of it") {
  using storage::Failure;
  using storage::Trouble;
  const struct {
    std::function<void()> trouble;
    int status;
    std::string_view element;
    bool retry;
  } cases[] = {
      {[] { throw Failure(Trouble::full, "secret"); }, 507, "<D:sufficient-disk-space", false},
      {[] { throw Failure(Trouble::unavailable, "secret"); }, 503, "", true},
      {[] { throw Failure(Trouble::conflict, "secret"); }, 503, "", true},
      {[] { throw Failure(Trouble::corrupt, "secret"); }, 500, "", false},
      {[] { throw Failure(Trouble::refused, "secret"); }, 500, "", false},
      {[] { throw storage::QuotaExceeded("over"); }, 507, "<D:quota-not-exceeded", false},
      {[] { throw std::runtime_error("secret"); }, 500, "", false},
      {[] { throw std::bad_alloc(); }, 500, "", false},
  };
  TroubledStore store;
  const dav::Service service(store, {});
  for (const auto& test : cases) {
    for (const auto& [method, path] : {std::pair("GET", "/dav/files/ada/x"), std::pair("DELETE", "/dav/files/ada/x"),
                                       std::pair("PUT", "/dav/files/ada/x")}) {
      CAPTURE(method, test.status);
      store.trouble = test.trouble;
      const dav::Response response = service.handle(request(method, path));
      CHECK(response.status == test.status);
      CHECK(response.headers.find("Retry-After").has_value() == test.retry);
      CHECK(contains(body_of(response), test.element));
      CHECK_FALSE(contains(body_of(response), "secret"));
      CHECK_FALSE(response.refusal.empty());
    }
  }
}

TEST_CASE("nothing is answered without a principal but what is public") {
  TroubledStore store;
  store.trouble = [] { FAIL("the store was asked"); };
  const dav::Service service(store, {});
  auto anonymous = request("GET", "/dav/files/ada/x");
  anonymous.principal.reset();
  CHECK(service.handle(std::move(anonymous)).status == 401);

  auto mail_only = request("GET", "/dav/files/ada/x");
  mail_only.principal->scope.dav = false;
  CHECK(service.handle(std::move(mail_only)).status == 403);

  auto page = request("GET", "/");
  page.principal.reset();
  CHECK_FALSE(dav::Service::is_public(page));
  page.headers.add("Accept", "text/html");
  CHECK(dav::Service::is_public(page));
  page.authority = "evil\"><script>";
  const auto shown = service.handle(std::move(page));
  CHECK(shown.status == 200);
  CHECK_FALSE(contains(body_of(shown), "<script>"));

  for (const char* path :
       {"/.well-known/caldav", "/.well-known/carddav", "/.well-known/other", "/favicon.ico", "/robots.txt"}) {
    CHECK(dav::Service::is_public(request("PROPFIND", path)));
  }
  for (const char* path : {"/", "/dav/", "/dav/files/ada/favicon.ico", "/.well-knownx"}) {
    CHECK_FALSE(dav::Service::is_public(request("PROPFIND", path)));
  }
  CHECK(dav::Service::is_public(request("OPTIONS", "*")));
  CHECK_FALSE(dav::Service::is_public(request("OPTIONS", "/")));
}

TEST_CASE("a multiput of too many resources is refused before the store is asked") {
  TroubledStore store;
  store.trouble = [] { FAIL("the store was asked"); };
  const dav::Service service(store, dav::Settings());
  std::string body = "<M:multiput xmlns:M='http://me.com/_namespace/' xmlns='DAV:'>";
  for (int i = 0; i <= 5000; ++i) body += "<M:resource><href>/a</href><M:delete/></M:resource>";
  auto post = request("POST", "/dav/calendars/ada/work/");
  post.headers.set("Content-Type", "application/xml");
  post.body = storage::Spool(std::string_view(body += "</M:multiput>"));
  CHECK(service.handle(std::move(post)).status == 413);
}

TEST_CASE("how much body a head may bring") {
  TroubledStore store;
  dav::Settings settings;
  settings.max_file_size = 1000000;
  settings.max_object_size = 1000;
  settings.max_xml_size = 500;
  settings.max_attachment_size = 2000;
  settings.max_bulk_size = 3000;
  const dav::Service service(store, settings);
  const struct {
    std::string method, path;
    std::int64_t max_body;
    int over;
    std::string_view element;
    std::string content_type = {};
  } cases[] = {
      {"PUT", "/dav/files/ada/x", 1000000, 413, ""},
      {"PUT", "/dav/calendars/ada/work/x.ics", 1000, 403, "<C:max-resource-size"},
      {"POST", "/dav/calendars/ada/work/", 3000, 403, "<C:max-resource-size"},
      {"POST", "/dav/addressbooks/ada/contacts/", 3000, 403, "<A:max-resource-size"},
      {"POST", "/dav/calendars/ada/work/", 500, 413, "", "text/xml; charset=utf-8"},
      {"POST", "/dav/calendars/ada/work/x.ics", 2000, 403, "<C:max-attachment-size"},
      {"PUT", "/dav/addressbooks/ada/contacts/x.vcf", 1000, 403, "<A:max-resource-size"},
      {"PROPFIND", "/dav/", 500, 413, ""},
      {"REPORT", "/dav/calendars/ada/work/", 500, 413, ""},
      {"LOCK", "/dav/files/ada/x", 500, 413, ""},
      {"GET", "/dav/files/ada/x", 65536, 413, ""},
      {"PROPFIND", "/.well-known/caldav", 65536, 0, ""},
  };
  for (const auto& test : cases) {
    CAPTURE(test.method, test.path);
    auto head = request(test.method, test.path);
    if (!test.content_type.empty()) head.headers.set("Content-Type", test.content_type);
    head.headers.set("Content-Length", std::to_string(test.max_body));
    const auto fits = service.admit(head);
    CHECK_FALSE(fits.refusal);
    CHECK(fits.max_body == test.max_body);
    if (test.over == 0) continue;
    for (const std::string& length : {std::to_string(test.max_body + 1), std::string("99999999999999999999999")}) {
      head.headers.set("Content-Length", length);
      const auto over = service.admit(head);
      REQUIRE(over.refusal);
      CHECK(over.refusal->status == test.over);
      CHECK(contains(body_of(*over.refusal), test.element));
    }
  }
}

TEST_CASE("what will be refused brings no body at all") {
  TroubledStore store;
  const dav::Service service(store, {});
  const struct {
    std::string method, path;
    int status;
  } cases[] = {
      {"PUT", "/dav/files/ben/x", 404},
      {"PUT", "/dav/files/ada/%2F", 400},
      {"BREW", "/dav/files/ada/x", 501},
  };
  for (const auto& test : cases) {
    CAPTURE(test.method, test.path);
    const auto admission = service.admit(request(test.method, test.path));
    REQUIRE(admission.refusal);
    CHECK(admission.refusal->status == test.status);
    CHECK(admission.max_body == 0);
  }
}
