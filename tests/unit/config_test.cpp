#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "server/config.h"
#include "server/units.h"

using server::ConfigError;
using server::parse_config;

namespace {

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Every line "# key = value" of the documented configuration, without its "# ".
std::string uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)# ([a-z0-9_]+ = )"), "$1$2");
}

std::string refusal(std::string_view text) {
  try {
    parse_config(text, "pileus.toml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "(accepted)";
}

}  // namespace

TEST_CASE("the documented configuration changes nothing as it is shipped") {
  const auto shipped = server::load_config("conf/pileus.toml");
  const auto defaults = server::settings(server::Config{});
  const auto read_back = server::settings(shipped);
  REQUIRE(read_back.size() == defaults.size());
  for (std::size_t i = 0; i < defaults.size(); ++i) CHECK(read_back[i].value == defaults[i].value);
}

TEST_CASE("every documented default is the real one, and every key is documented once, in order") {
  const std::string text = uncommented(read("conf/pileus.toml"));
  const auto defaults = server::settings(server::Config{});
  const auto documented = server::settings(parse_config(text, "pileus.toml"));
  std::vector<std::string> keys;
  std::string table;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, std::regex("\\[([a-z]+)\\]"))) table = match[1];
    if (!std::regex_match(line, match, std::regex("([a-z0-9_]+) = (.*)"))) continue;
    const std::string key = table + "." + match[1].str();
    INFO(key);
    REQUIRE(keys.size() < defaults.size());
    CHECK(key == defaults[keys.size()].key);
    // As it is written, too: units and all.
    CHECK(match[2].str() == defaults[keys.size()].value);
    keys.push_back(key);
  }
  CHECK(keys.size() == defaults.size());
  for (std::size_t i = 0; i < defaults.size(); ++i) {
    INFO(defaults[i].key);
    CHECK(documented[i].value == defaults[i].value);
  }
}

TEST_CASE("a key is marked (R) where SIGHUP reads it again") {
  std::istringstream lines(read("conf/pileus.toml"));
  const auto all = server::settings(server::Config{});
  std::size_t next = 0;
  bool marked = false;
  bool in_text = false;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, std::regex("^# [a-z0-9_]+ = "))) {
      REQUIRE(next < all.size());
      INFO(all[next].key);
      CHECK(all[next++].reloads == marked);
      in_text = false;
      continue;
    }
    marked = (in_text && marked) || line.ends_with("(R)");
    in_text = !line.empty();
  }
  CHECK(next == all.size());
}

TEST_CASE("what a configuration says is what it means") {
  const auto config = parse_config(
      "[server]\ndata = \"/srv/p\"\nworkers = 4\n"
      "[listen]\nhttps = [\"127.0.0.1:0\", \"[::1]:8443\"]\nadmin = []\n"
      "[tls]\ncertificates = [{ chain = \"a.pem\", key = \"a.key\" }, { chain = \"b.pem\", key = \"b.key\" }]\nhsts = "
      "\"365 d\"\n"
      "[dav]\nmax_file_size = \"1 TiB\"\n[passwords]\nargon2_memory = \"8 MiB\"\n[log]\nformat = \"json\"\n",
      "pileus.toml");
  CHECK(config.store.directory == "/srv/p");
  CHECK(config.workers == 4);
  CHECK(config.https == std::vector<std::string>{"127.0.0.1:0", "[::1]:8443"});
  CHECK(config.admin.empty());
  REQUIRE(config.certificates.size() == 2);
  CHECK(config.certificates[1].key == "b.key");
  CHECK(config.hsts == std::chrono::hours(24 * 365));
  CHECK(config.dav.max_file_size == std::int64_t{1} << 40);
  CHECK(config.passwords.argon2_memory_kib == 8 * 1024);
  CHECK(config.log.format == server::LogFormat::json);
}

TEST_CASE("a fault is named with its file, line and reason") {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"[server]\n\nworkerz = 4\n", "pileus.toml:3: unknown key server.workerz"},
      {"data = \"/x\"\n", "pileus.toml:1: unknown key data"},
      {"\n[serve]\n", "pileus.toml:2: unknown key [serve]"},
      {"[se]\n", "pileus.toml:1: unknown key [se]"},
      {"[server]\ndata.x = 1\n", "pileus.toml:2: server.data: this can't be a value of that type"},
      {"server = 4\n", "pileus.toml:1: \"server\" must be a table, as in [server]"},
      {"[server]\nworkers = \"4\"\n", "pileus.toml:2: server.workers: this must be a whole number"},
      {"[server]\nworkers = 1.5\n", "pileus.toml:2: server.workers: this can't be a value of that type"},
      {"[server]\nworkers = -1\n", "pileus.toml:2: server.workers: this must be from 0 to 1024"},
      {"[server]\ndata = \"\"\n", "pileus.toml:2: server.data: this must not be empty"},
      {"[server]\ndata = \"x/y\"\n", "pileus.toml:2: server.data: this must be an absolute path"},
      {"[server]\ndrain = \"10\"\n", "pileus.toml:2: server.drain: \"10\" is not a whole number and a unit"},
      {"[server]\ndrain = \"1500 ms\"\n", "pileus.toml:2: server.drain: this must be a number of whole seconds"},
      {"[server]\ndrain = \"61 min\"\n", "pileus.toml:2: server.drain: this must be from 0 to 1 h"},
      {"[listen]\nhttps = \"[::]:443\"\n", "pileus.toml:2: listen.https: this must be a list of texts"},
      {"[listen]\nhttps = [\"localhost:443\"]\n",
       "pileus.toml:2: listen.https: \"localhost:443\" is not an IP address"},
      {"[listen]\nhttps = [\"::1:443\"]\n", "pileus.toml:2: listen.https: \"::1:443\" is not an IP address"},
      {"[listen]\nhttp = [\"1.2.3.4:65536\"]\n", "pileus.toml:2: listen.http: \"1.2.3.4:65536\" is not an IP address"},
      {"[listen]\nplaintext = \"no\"\n", "pileus.toml:2: listen.plaintext: \"no\" is none of \"redirect\", \"serve\""},
      {"[proxy]\ntrusted = [\"10.0.0.0/33\"]\n", "pileus.toml:2: proxy.trusted: \"10.0.0.0/33\" is neither"},
      {"[tls]\ncertificates = [{ chain = \"a\" }]\n",
       "pileus.toml:2: tls.certificates: a certificate has a chain and a key"},
      {"[tls]\ncertificates = [\"a\"]\n", "pileus.toml:2: tls.certificates: this must be a list of certificates"},
      {"[dav]\nmax_file_size = \"4 GB\"\n",
       "pileus.toml:2: dav.max_file_size: \"4 GB\" is not a whole number and a unit"},
      {"[dav]\nmax_file_size = 4\n", "pileus.toml:2: dav.max_file_size: this must be a size"},
      {"[dav]\nmin_date_time = \"1900\"\n", "pileus.toml:2: dav.min_date_time: this must be a UTC date-time"},
      {"[dav]\nmax_lock = \"1 min\"\n", "pileus.toml: dav.default_lock is longer than dav.max_lock"},
      {"[log]\nrequests = 1\n", "pileus.toml:2: log.requests: this must be true or false"},
      {"[server]\nworkers = 1\nworkers = 2\n", "pileus.toml:3: "},
      {"[server\n", "pileus.toml:1: "},
      {"\xFF\xFE", "pileus.toml:1: "},
  };
  for (const auto& [text, reason] : cases) {
    INFO(text);
    CHECK_THAT(refusal(text), Catch::StartsWith(std::string(reason)));
  }
  CHECK_THROWS_WITH(server::load_config("/nonexistent/pileus.toml"),
                    "/nonexistent/pileus.toml: can't be read: No such file or directory");
}

TEST_CASE("sizes and durations are read strictly and written in their largest unit") {
  CHECK(server::parse_size("0") == 0);
  CHECK(server::parse_size("4GiB") == std::int64_t{4} << 30);
  CHECK(server::size_text(server::parse_size("1536 KiB")) == "1536 KiB");
  CHECK(server::parse_duration("10 min") == std::chrono::minutes(10));
  CHECK(server::duration_text(std::chrono::hours(48)) == "2 d");
  for (const char* bad : {"", "4", " 4 GiB", "4  GiB", "4 GiB ", "4 gib", "-4 GiB", "+4 GiB", "4.5 GiB", "GiB",
                          "9999999999 GiB", "99999999999999999999 B"}) {
    INFO(bad);
    CHECK_THROWS_AS(server::parse_size(bad), std::invalid_argument);
    CHECK_THROWS_AS(server::parse_duration(bad), std::invalid_argument);
  }
}
