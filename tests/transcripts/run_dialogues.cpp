// Runs the transcripts of protocols that are conversations: a folder for each protocol. README.md there says how they
// are written.

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <vector>

#include "mail/imap/imap.h"
#include "mail/sieve/managesieve.h"
#include "mail/smtp/smtp.h"
#include "storage/accounts.h"
#include "tests/transcripts/dialogue.h"

namespace fs = std::filesystem;

namespace transcripts {

namespace {

class Folder {
 public:
  Folder() {
    const bool memory = ::access("/dev/shm", W_OK) == 0;
    std::string pattern = memory ? "/dev/shm/pileus-dialogue.XXXXXX" : "/tmp/pileus-dialogue.XXXXXX";
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

/// A store with the accounts of the transcripts, made once and copied for each of them.
class Model {
 public:
  Model() {
    const auto store = open(folder_.path());
    storage::Accounts accounts(*store, policy());
    create(accounts, "ada", {"ada@example.org", "ada.lovelace@example.org"});
    create(accounts, "ben", {"ben@example.org"});
  }

  std::unique_ptr<storage::Store> fresh(const fs::path& directory) const {
    fs::copy(folder_.path(), directory, fs::copy_options::recursive);
    return open(directory);
  }

  static storage::PasswordPolicy policy() { return {1, 64, std::chrono::seconds(600), 5, std::chrono::seconds(900)}; }

 private:
  static std::unique_ptr<storage::Store> open(const fs::path& directory) {
    storage::StoreOptions options;
    options.directory = directory;
    return storage::open_store(options);
  }
  static void create(storage::Accounts& accounts, const std::string& name, std::vector<std::string> addresses) {
    storage::Account account;
    account.name = name;
    account.addresses = std::move(addresses);
    accounts.create(account, name + "-password");
  }

  Folder folder_;
};

struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `…` in a pattern stands for any text, `{name}` for what it stood for before, or for a new text without spaces.
bool matches(std::string_view pattern, std::string_view text, std::map<std::string, std::string>& names) {
  constexpr std::string_view any = "…";
  if (pattern.empty()) return text.empty();
  if (pattern.starts_with(any)) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (matches(pattern.substr(any.size()), text.substr(i), names)) return true;
    }
    return false;
  }
  const std::size_t close = pattern.find('}');
  if (pattern.front() == '{' && close > 1 && close != std::string_view::npos && std::isalpha(pattern[1]) != 0) {
    const std::string name(pattern.substr(1, close - 1));
    const std::string_view rest = pattern.substr(close + 1);
    if (const auto known = names.find(name); known != names.end()) {
      return text.starts_with(known->second) && matches(rest, text.substr(known->second.size()), names);
    }
    for (std::size_t i = 1; i <= text.size() && text[i - 1] != ' '; ++i) {
      names[name] = text.substr(0, i);
      if (matches(rest, text.substr(i), names)) return true;
    }
    names.erase(name);
    return false;
  }
  return !text.empty() && pattern.front() == text.front() && matches(pattern.substr(1), text.substr(1), names);
}

class Transcript {
 public:
  Transcript(const Model& model, const fs::path& file, Talk::Pieces pieces, bool verbose)
      : file_(file), pieces_(pieces), verbose_(verbose), store_(model.fresh(folder_.path() / "store")) {
    accounts_ = std::make_unique<storage::Accounts>(*store_, Model::policy());
  }

  void run() {
    const std::string kind = file_.parent_path().filename();
    login_ = kind == "imap";
    read(file_);
    for (auto& [name, talk] : talks_) expect_silence(name, *talk);
  }

  std::size_t line() const { return line_; }

 private:
  void read(const fs::path& path) {
    std::ifstream in(path);
    if (!in) throw Fault("can't read " + path.string());
    std::string text;
    const bool own = path == file_;
    for (std::size_t number = 1; std::getline(in, text); ++number) {
      if (own) line_ = number;
      if (!text.empty() && text[0] != '#') obey(text);
    }
  }

  /// `C:`, `C[ben]:`, `S:` and so on.
  void obey(const std::string& text) {
    if (text.starts_with("@ ")) return option(text.substr(2));
    if (text.starts_with("+ ")) return read(file_.parent_path() / text.substr(2));
    const std::size_t colon = text.find_first_of(":~!", 1);
    if (colon == std::string::npos || (text[0] != 'C' && text[0] != 'S')) throw Fault("not a line of a transcript");
    const std::string name = text[1] == '[' ? text.substr(2, text.find(']') - 2) : "";
    const std::string rest = text.size() > colon + 2 ? text.substr(colon + 2) : "";
    Talk& with = talk(name);
    if (text[0] == 'S') return text[colon] == '!' ? expect_end(with) : expect(with, rest);
    expect_silence(name, with);
    const std::string said = text[colon] == '~' ? unescaped(filled(rest)) : filled(rest) + "\r\n";
    if (verbose_) std::cout << "C[" << name << "]: " << rest << '\n';
    with.say(said, pieces_);
  }

  void option(const std::string& text) {
    const std::string word = text.substr(0, text.find(' '));
    const std::string rest = word.size() < text.size() ? text.substr(word.size() + 1) : "";
    if (word == "no-login") {
      login_ = false;
    } else if (word == "peer") {
      peer_ = rest;
    } else if (word == "expire") {
      talk(rest).expire();
    } else if (word == "drain") {
      talk(rest).drain();
    } else if (word == "append") {
      append(rest);
    } else if (word == "fill") {
      const std::size_t space = rest.find(' ');
      names_[rest.substr(0, space)] = std::string(std::stoul(rest.substr(space + 1)), 'x');
    } else {
      throw Fault("no such option");
    }
  }

  /// `MAILBOX FLAGS TEXT`: another session of ada's appends a message.
  void append(const std::string& text) {
    const std::size_t first = text.find(' ');
    const std::size_t second = text.find(") ", first) + 1;
    const std::string octets = unescaped(text.substr(second + 1));
    Talk& filler = talk("ada.filler");
    filler.say("f APPEND " + text.substr(0, second) + " \"01-Feb-2024 12:00:00 +0100\" {" +
               std::to_string(octets.size()) + "+}\r\n" + octets + "\r\n");
    std::string line;
    if (!filler.take_line(line) || !line.starts_with("f OK")) throw Fault("can't append: " + line);
  }

  Talk& talk(const std::string& name) {
    auto& found = talks_[name];
    if (found) return *found;
    if (!protocol_) protocol_ = protocol();
    mail::Peer peer;
    peer.address = peer_ == "remote" ? "192.0.2.7" : "127.0.0.1";
    peer.loopback = peer_ != "remote";
    peer.tls_possible = true;
    peer.connection = talks_.size();
    found = std::make_unique<Talk>(*protocol_, peer);
    if (!login_) return *found;
    const std::string account = name.substr(0, name.find('.')).empty() ? "ada" : name.substr(0, name.find('.'));
    std::string line;
    found->take_line(line);
    found->say("login LOGIN " + account + " " + account + "-password\r\n");
    if (!found->take_line(line) || !line.starts_with("login OK")) throw Fault("can't log in: " + line);
    return *found;
  }

  std::shared_ptr<mail::Protocol> protocol() {
    const std::string kind = file_.parent_path().filename();
    services_ = std::make_unique<mail::Services>(
        mail::Services{*store_, *accounts_, [this](std::uint64_t connection) { wakes_.add(connection); }, {}});
    services_->settings.host_name = "mail.example.org";
    if (kind == "imap") return mail::imap::imap(*services_);
    office_ =
        std::make_unique<mail::smtp::Office>(*services_, mail::DeliverHook{}, [](const std::string&) { return true; });
    if (kind == "lmtp") return mail::smtp::smtp(*office_, mail::smtp::Role::lmtp);
    if (kind == "submission") return mail::smtp::smtp(*office_, mail::smtp::Role::submission);
    if (kind == "managesieve") return mail::sieve::managesieve(*services_);
    throw Fault("no such protocol: " + kind);
  }

  void expect(Talk& with, const std::string& pattern) {
    std::string line;
    if (!with.take_line(line)) {
      // What others have changed comes by being woken.
      const bool woken = wakes_.wait(with.peer().connection, std::chrono::seconds(5));
      if (!woken) throw Fault("nothing was said, expected: " + pattern);
      wakes_.take(with.peer().connection);
      with.wake();
      if (!with.take_line(line)) return expect(with, pattern);
    }
    if (verbose_) std::cout << "S: " << line << '\n';
    if (!matches(pattern, line, names_)) throw Fault("expected: " + pattern + "\n       got: " + line);
  }

  void expect_end(Talk& with) {
    if (!with.heard().empty()) throw Fault("more was said: " + with.heard());
    if (!with.closed()) throw Fault("the connection is still open");
  }

  void expect_silence(const std::string& name, Talk& with) {
    if (!with.heard().empty()) throw Fault("[" + name + "] has said more: " + with.heard());
  }

  std::string filled(std::string text) const {
    for (const auto& [name, value] : names_) {
      for (std::size_t at = 0; (at = text.find("{" + name + "}", at)) != std::string::npos; at += value.size()) {
        text.replace(at, name.size() + 2, value);
      }
    }
    return text;
  }

  static std::string unescaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        out += text[i];
        continue;
      }
      const char c = text[++i];
      if (c == 'x' && i + 2 < text.size()) {
        out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        out += c == 'r' ? '\r' : c == 'n' ? '\n' : c;
      }
    }
    return out;
  }

  fs::path file_;
  Talk::Pieces pieces_;
  bool verbose_;
  Folder folder_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<storage::Accounts> accounts_;
  Wakes wakes_;
  std::unique_ptr<mail::Services> services_;
  std::unique_ptr<mail::smtp::Office> office_;
  std::shared_ptr<mail::Protocol> protocol_;
  std::map<std::string, std::unique_ptr<Talk>> talks_;
  std::map<std::string, std::string> names_;
  std::string peer_ = "loopback";
  bool login_ = false;
  std::size_t line_ = 0;
};

bool run_one(const Model& model, const fs::path& file, Talk::Pieces pieces, bool verbose) {
  Transcript transcript(model, file, pieces, verbose);
  try {
    transcript.run();
    return true;
  } catch (const std::exception& fault) {
    std::cout << file.string() << ":" << transcript.line() << ": "
              << (pieces == Talk::Pieces::octets ? "(octet by octet) " : "") << fault.what() << '\n';
    return false;
  }
}

int run(const std::vector<std::string>& parts, bool verbose) {
  std::vector<fs::path> files;
  for (const char* folder : {"imap", "lmtp", "submission", "managesieve"}) {
    const fs::path path = fs::path("tests/transcripts") / folder;
    if (!fs::is_directory(path)) continue;
    for (const auto& entry : fs::directory_iterator(path)) {
      const std::string name = entry.path().string();
      const auto in_name = [&](const std::string& part) { return name.find(part) != std::string::npos; };
      if (entry.path().extension() != fs::path(std::string(".") + folder)) continue;
      if (parts.empty() || std::any_of(parts.begin(), parts.end(), in_name)) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  const Model model;
  int failed = 0;
  for (const fs::path& file : files) {
    const bool good =
        run_one(model, file, Talk::Pieces::whole, verbose) && run_one(model, file, Talk::Pieces::octets, false);
    failed += good ? 0 : 1;
  }
  std::cout << files.size() << " transcripts, " << failed << " failed\n";
  return failed == 0 && !files.empty() ? 0 : 1;
}

}  // namespace

}  // namespace transcripts

int main(int argc, char** argv) {
  std::vector<std::string> parts(argv + 1, argv + argc);
  const bool verbose = std::erase(parts, "-v") > 0;
  return transcripts::run(parts, verbose);
}
