// Runs the transcripts of tests/transcripts; README.md there says how they are written.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
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

/// A folder that is gone with its owner; in memory where the system has that, since no transcript asks what the disk
/// does.
class Folder {
 public:
  Folder() {
    const fs::path memory = "/dev/shm";
    std::error_code none;
    const bool usable = fs::is_directory(memory, none) && ::access(memory.c_str(), W_OK) == 0;
    auto pattern = ((usable ? memory : fs::temp_directory_path()) / "pileus-transcript.XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::unique_ptr<storage::Store> open_store(const fs::path& directory, const std::string& postgres) {
  storage::StoreOptions options;
  options.directory = directory;
  options.postgres = postgres;
  return storage::open_store(options);
}

/// Runs SQL on PostgreSQL; dollar signs and quotes are safe, since no shell sees them.
void sql(const std::string& connection, const std::string& commands) {
  const auto line = "psql -q -v ON_ERROR_STOP=1 -d '" + connection + "' > /dev/null";
  FILE* pipe = ::popen(line.c_str(), "w");
  if (!pipe) throw std::runtime_error("cannot start psql");
  const bool written = std::fwrite(commands.data(), 1, commands.size(), pipe) == commands.size();
  if (::pclose(pipe) != 0 || !written) throw std::runtime_error("psql failed: " + commands);
}

// The tables as they were after the accounts had been made, kept beside them and put back for each transcript: to make
// a database takes PostgreSQL a third of a second.
constexpr const char* keep_tables = R"(
CREATE SCHEMA model;
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE model.%I AS TABLE public.%I', t, t);
  END LOOP;
END $$;)";
constexpr const char* restore_tables = R"(
SET session_replication_role = replica;
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'model' LOOP
    EXECUTE format('DELETE FROM public.%I', t);
    EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM model.%I', t, t);
  END LOOP;
END $$;)";

/// A store with the accounts of the transcripts, made once and given fresh to each of them.
class Model {
 public:
  /// `postgres`: a connection string, empty for SQLite.
  explicit Model(const std::string& postgres) : postgres_(postgres) {
    if (!postgres_.empty()) {
      database_ = "transcripts_" + std::to_string(::getpid());
      sql(postgres_, "CREATE DATABASE " + database_ + ";");
    }
    store_ = open_store(folder_.path(), own_connection());
    {
      storage::Accounts accounts(*store_, {1, 64, std::chrono::seconds(600), 5, std::chrono::seconds(900)});
      create(accounts, "ada", "Ada Lovelace", {"ada@example.org", "ada.lovelace@example.org"});
      create(accounts, "ben", "Ben", {"ben@example.org"});
    }
    if (postgres_.empty()) {
      store_.reset();  // its files are copied
    } else {
      sql(own_connection(), keep_tables);
    }
  }

  ~Model() {
    store_.reset();
    if (postgres_.empty()) return;
    try {
      sql(postgres_, "DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE);");
    } catch (const std::exception& error) {
      std::cerr << error.what() << '\n';
    }
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// On SQLite a copy in that folder; on PostgreSQL the one store, as it was at first.
  std::shared_ptr<storage::Store> fresh(const fs::path& directory) {
    if (!store_) {
      fs::copy(folder_.path(), directory, fs::copy_options::recursive);
      return open_store(directory, "");
    }
    sql(own_connection(), restore_tables);
    return store_;
  }

 private:
  std::string own_connection() const { return postgres_.empty() ? "" : postgres_ + " dbname=" + database_; }

  static void create(storage::Accounts& accounts, const std::string& name, const std::string& display_name,
                     std::vector<std::string> addresses) {
    storage::Account account;
    account.name = name;
    account.display_name = display_name;
    account.addresses = std::move(addresses);
    accounts.create(account, name + "-password");
  }

  Folder folder_;
  std::string postgres_;
  std::string database_;
  std::shared_ptr<storage::Store> store_;
};

/// A fresh store with its service.
class Server {
 public:
  explicit Server(Model& model) : store_(model.fresh(folder_.path() / "store")) {
    store_->read([&](storage::Transaction& transaction) {
      ada_ = transaction.account_named("ada").value();
      ben_ = transaction.account_named("ben").value();
    });
    service_ = std::make_unique<dav::Service>(*store_, dav::Settings{});
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
  std::optional<storage::Principal> principal(const std::string& as) const {
    if (as == "nobody") return std::nullopt;
    const auto& account = as.starts_with("ben") ? ben_ : ada_;
    storage::Principal principal;
    principal.account = account.id;
    principal.name = account.name;
    principal.scope.read_only = as.ends_with("read-only");
    return principal;
  }

  Folder folder_;
  std::shared_ptr<storage::Store> store_;
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

std::vector<std::string> run(const Transcript& transcript, Model& model, bool verbose) {
  std::vector<std::string> faults;
  Server server(model);
  Captures captures;
  Check check(transcript.path, captures, faults);
  for (auto exchange : transcript.exchanges) {
    const auto as = exchange.take_header("As");
    const auto repeat = exchange.take_header("Repeat");
    if (const auto fill = exchange.take_header("Fill"); !fill.empty()) {
      const auto space = fill.find(' ');
      captures[fill.substr(0, space)] = std::string(std::stoul(fill.substr(space)), 'x');
    }
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

/// Runs them on one backend; returns how many failed.
std::size_t run_on(const std::vector<fs::path>& paths, const std::string& postgres, const Options& options) {
  Model model(postgres);
  std::size_t failed = 0;
  for (const auto& path : paths) {
    std::vector<std::string> faults;
    try {
      faults = run(read_transcript(path.string()), model, options.verbose);
    } catch (const std::exception& error) {
      faults.push_back(path.string() + ": " + error.what());
    }
    if (!faults.empty()) ++failed;
    for (const auto& fault : faults) std::cout << fault << (postgres.empty() ? "" : " [PostgreSQL]") << '\n';
  }
  return failed;
}

int run_all(const Options& options) {
  const auto paths = find_transcripts(options);
  const char* connection = std::getenv("PILEUS_TEST_POSTGRES");
  const bool both = connection && !options.sqlite_only;
  std::size_t failed = run_on(paths, "", options);
  if (both) failed += run_on(paths, connection, options);
  std::cout << paths.size() << " transcripts, " << failed << " failed"
            << (both ? " (SQLite and PostgreSQL)\n" : " (SQLite only)\n");
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
