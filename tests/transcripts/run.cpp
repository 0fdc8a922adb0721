// Runs the transcripts of tests/transcripts; README.md there says how they are written.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "dav/dispatch.h"
#include "storage/accounts.h"
#include "tests/transcripts/transcript.h"

namespace fs = std::filesystem;

namespace transcripts {

namespace {

struct Options {
  bool verbose = false;
  bool sqlite_only = false;
  std::vector<std::string> parts;
};

/// A fresh store with its service and the accounts of the transcripts.
class Server {
 public:
  explicit Server(const std::string& postgres) {
    // In memory where there is such a place: these are not about the disk, and each makes a store.
    const fs::path place = ::access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm") : fs::temp_directory_path();
    auto pattern = (place / "pileus-transcript.XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder");
    directory_ = pattern;
    storage::StoreOptions options;
    options.directory = directory_;
    options.postgres = postgres;
    store_ = storage::open_store(options);
    accounts_ = std::make_unique<storage::Accounts>(
        *store_, storage::PasswordPolicy{1, 64, std::chrono::seconds(600), 5, std::chrono::seconds(900)});
    ada_ = create("ada", "Ada Lovelace", {"ada@example.org", "ada.lovelace@example.org"});
    ben_ = create("ben", "Ben", {"ben@example.org"});
    service_ = std::make_unique<dav::Service>(*store_, dav::Settings{});
  }

  ~Server() {
    service_.reset();
    accounts_.reset();
    store_.reset();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// As the front does it: what is public needs no login, what isn't admitted is refused before the body is read.
  dav::Response handle(dav::Request request, const std::string& as) {
    request.principal = principal(as);
    if (!request.principal && !dav::Service::is_public(request)) {
      dav::Response refusal;
      refusal.status = 401;
      return refusal;
    }
    auto admission = service_->admit(request);
    if (admission.refusal) return std::move(*admission.refusal);
    if (static_cast<std::int64_t>(request.body.size()) > admission.max_body) {
      dav::Response refusal;
      refusal.status = 413;
      return refusal;
    }
    return service_->handle(std::move(request));
  }

 private:
  storage::Account create(const std::string& name, const std::string& display_name,
                          std::vector<std::string> addresses) {
    storage::Account account;
    account.name = name;
    account.display_name = display_name;
    account.addresses = std::move(addresses);
    return accounts_->create(account, name + "-password");
  }

  std::optional<storage::Principal> principal(const std::string& as) const {
    if (as == "nobody") return std::nullopt;
    const auto& account = as.starts_with("ben") ? ben_ : ada_;
    storage::Principal principal;
    principal.account = account.id;
    principal.name = account.name;
    principal.scope.read_only = as.ends_with("read-only");
    return principal;
  }

  std::string directory_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<storage::Accounts> accounts_;
  std::unique_ptr<dav::Service> service_;
  storage::Account ada_, ben_;
};

std::string body_text(const dav::Response& response) {
  std::string all;
  for (const auto& segment : response.body) {
    if (!segment.file) {
      all += segment.bytes;
      continue;
    }
    std::string piece(segment.length, '\0');
    piece.resize(segment.file->read(piece.data(), piece.size(), segment.offset));
    all += piece;
  }
  return all;
}

std::string with_line_ends(const std::string& body) {
  std::string out;
  for (const char c : body) {
    if (c == '\n') out += '\r';
    out += c;
  }
  if (!out.empty() && out.back() != '\n') out += "\r\n";
  return out;
}

/// Runs one exchange; what is wrong with its answer is added to `faults`.
class Check {
 public:
  Check(const std::string& path, Captures& captures, std::vector<std::string>& faults)
      : path_(path), captures_(captures), faults_(faults) {}

  void run(const Exchange& exchange, const dav::Response& response) {
    body_ = body_text(response);
    if (response.status != exchange.status) {
      fault(exchange.line, exchange.method + " " + exchange.target + " was answered " +
                               std::to_string(response.status) + ", not " + std::to_string(exchange.status) +
                               (response.refusal.empty() ? "" : " (" + response.refusal + ")"));
    }
    for (const auto& [name, value] : exchange.expected_headers) check_header(exchange.line, name, value, response);
    std::string exact;
    bool wants_exact = false;
    for (const auto& expectation : exchange.expectations) {
      if (expectation.sign == '|') {
        exact += expectation.text + "\n";
        wants_exact = true;
      } else {
        check_body(expectation);
      }
    }
    if (wants_exact) check_exact(exchange.line, exact);
  }

  void show(const Exchange& exchange, const dav::Response& response) const {
    std::cout << "> " << exchange.method << ' ' << exchange.target << "\n< " << response.status << '\n';
    for (const auto& [name, value] : response.headers) std::cout << name << ": " << value << '\n';
    std::cout << '\n' << body_text(response) << "\n";
  }

 private:
  void fault(int line, const std::string& why) { faults_.push_back(path_ + ":" + std::to_string(line) + ": " + why); }

  void check_header(int line, const std::string& name, const std::string& value, const dav::Response& response) {
    const auto found = response.headers.joined(name);
    if (value == "-") {
      if (found) fault(line, "there is a header " + name + ": " + *found);
    } else if (!found) {
      fault(line, "there is no header " + name);
    } else if (!matches(value, *found, captures_)) {
      fault(line, "the header is " + name + ": " + *found + ", not " + substitute(value, captures_));
    }
  }

  void check_body(const Exchange::Expectation& expectation) {
    std::string why;
    switch (expectation.sign) {
      case '~':
        if (!contains(expectation.text, body_, captures_)) why = "it isn't in the body";
        break;
      case '!':
        if (contains(expectation.text, body_, captures_)) why = "it is in the body";
        break;
      case '=':
        if (!body_.empty()) why = "the body isn't empty";
        break;
      case '@':
        why = check_response(expectation.text, body_, captures_);
        break;
      default:
        why = check_count(expectation.text, body_);
    }
    if (!why.empty()) fault(expectation.line, std::string(1, expectation.sign) + " " + expectation.text + ": " + why);
  }

  void check_exact(int line, const std::string& expected) {
    auto plain = body_;
    std::erase(plain, '\r');
    if (!plain.ends_with('\n')) plain += '\n';
    if (!matches(expected, plain, captures_))
      fault(line, "the body is:\n" + plain + "not:\n" + substitute(expected, captures_));
  }

  const std::string& path_;
  Captures& captures_;
  std::vector<std::string>& faults_;
  std::string body_;
};

dav::Request make_request(const Exchange& exchange, const Captures& captures, bool keep_line_ends) {
  dav::Request request;
  request.method = exchange.method;
  const auto target = substitute(exchange.target, captures);
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  request.authority = "dav.example.org";
  request.client = "127.0.0.1";
  request.id = "transcript";
  request.headers.add("Host", "dav.example.org");
  auto body = substitute(exchange.body, captures);
  for (const auto& [name, value] : exchange.headers) {
    const auto text = substitute(value, captures);
    if (!keep_line_ends && (text.starts_with("text/calendar") || text.starts_with("text/vcard")))
      body = with_line_ends(body);
    request.headers.add(name, text);
  }
  if (!body.empty()) request.headers.set("Content-Length", std::to_string(body.size()));
  request.body = storage::Spool(std::string_view(body));
  return request;
}

std::vector<std::string> run(const Transcript& transcript, const std::string& postgres, bool verbose) {
  std::vector<std::string> faults;
  Server server(postgres);
  Captures captures;
  Check check(transcript.path, captures, faults);
  for (auto exchange : transcript.exchanges) {
    const auto as = exchange.take_header("As");
    const auto repeat = exchange.take_header("Repeat");
    const bool keep_line_ends = !exchange.take_header("Line-Ends").empty();
    const int times = repeat.empty() ? 1 : std::stoi(repeat);
    for (int n = 1; n <= times; ++n) {
      if (!repeat.empty()) captures["n"] = std::to_string(n);
      const auto response = server.handle(make_request(exchange, captures, keep_line_ends), as);
      if (verbose) check.show(exchange, response);
      check.run(exchange, response);
      if (!faults.empty()) return faults;
    }
  }
  return faults;
}

std::vector<fs::path> find_transcripts(const Options& options) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator("tests/transcripts")) {
    if (entry.path().extension() != ".http") continue;
    const auto name = entry.path().string();
    const auto wanted = [&](const std::string& part) { return name.find(part) != std::string::npos; };
    if (options.parts.empty() || std::any_of(options.parts.begin(), options.parts.end(), wanted))
      paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// A database of its own for every transcript.
std::string fresh_database(const std::string& connection, int number) {
  const auto name = "transcript_" + std::to_string(::getpid()) + "_" + std::to_string(number);
  const auto command = "psql -q -d '" + connection + "' -c 'CREATE DATABASE " + name + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot make a database: " + command);
  return connection + " dbname=" + name;
}

void drop_database(const std::string& connection, int number) {
  const auto name = "transcript_" + std::to_string(::getpid()) + "_" + std::to_string(number);
  if (std::system(("psql -q -d '" + connection + "' -c 'DROP DATABASE " + name + "'").c_str()) != 0)
    std::cerr << "left: " << name << '\n';
}

int run_all(const Options& options) {
  const auto paths = find_transcripts(options);
  const char* postgres = std::getenv("PILEUS_TEST_POSTGRES");
  std::size_t failed = 0;
  int number = 0;
  for (const auto& path : paths) {
    for (const bool on_postgres : {false, true}) {
      if (on_postgres && (!postgres || options.sqlite_only)) continue;
      std::vector<std::string> faults;
      try {
        const auto transcript = read_transcript(path.string());
        faults = run(transcript, on_postgres ? fresh_database(postgres, ++number) : "", options.verbose);
        if (on_postgres) drop_database(postgres, number);
      } catch (const std::exception& error) {
        faults.push_back(path.string() + ": " + error.what());
      }
      if (!faults.empty()) ++failed;
      for (const auto& fault : faults) std::cout << fault << (on_postgres ? " [PostgreSQL]" : "") << '\n';
    }
  }
  std::cout << paths.size() << " transcripts, " << failed << " failed"
            << (postgres && !options.sqlite_only ? " (SQLite and PostgreSQL)\n" : " (SQLite only)\n");
  if (paths.empty()) std::cout << "there is no such transcript\n";
  return failed == 0 && !paths.empty() ? 0 : 1;
}

}  // namespace

}  // namespace transcripts

int main(int count, char** arguments) {
  transcripts::Options options;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "-v") {
      options.verbose = true;
    } else if (argument == "--sqlite") {
      options.sqlite_only = true;
    } else {
      options.parts.push_back(argument);
    }
  }
  return transcripts::run_all(options);
}
