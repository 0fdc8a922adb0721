#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "mail/mime/scanner.h"
#include "mail/sieve/interpreter.h"
#include "tests/mime/message.h"

/// A message in memory.
class TextMessage final : public mail::sieve::Message {
 public:
  explicit TextMessage(std::string text) : text_(std::move(text)), structure_(mail::mime::scan(text_)) {}

  const mail::mime::Structure& structure() const override { return structure_; }
  std::string octets(std::uint64_t begin, std::size_t size) const override {
    return begin < text_.size() ? text_.substr(static_cast<std::size_t>(begin), size) : std::string();
  }
  std::uint64_t size() const override { return text_.size(); }

 private:
  std::string text_;
  mail::mime::Structure structure_;
};

/// A host of the tests, whose memory is filled by hand.
class TextHost final : public mail::sieve::Host {
 public:
  std::map<std::string, std::string> mailboxes = {{"INBOX", ""}, {"Junk", "\\Junk"}, {"Archive", "\\Archive"}};
  std::map<std::string, std::string> scripts;
  std::set<std::string> seen;

  bool mailbox_exists(const std::string& name) override { return mailboxes.contains(name); }
  bool has_special_use(const std::string& name, const std::string& use) override {
    const auto found = mailboxes.find(name);
    return found != mailboxes.end() && found->second == use;
  }
  std::optional<std::string> mailbox_with(const std::string& use) override {
    for (const auto& [name, its] : mailboxes) {
      if (its == use) return name;
    }
    return std::nullopt;
  }
  std::optional<std::string> environment(const std::string& name) override {
    if (name == "name") return "Pileus";
    if (name == "remote-host") return "";
    return std::nullopt;
  }
  bool was_seen(const std::string& key) override { return seen.contains(key); }
  std::optional<std::string> script(const std::string& name, bool global) override {
    const auto found = scripts.find((global ? "global/" : "") + name);
    return found == scripts.end() ? std::nullopt : std::optional(found->second);
  }
};

inline mail::sieve::Setting usual_setting() {
  mail::sieve::Setting out;
  out.from = "coyote@desert.example.org";
  out.to = "roadrunner+birdseed@acme.example.com";
  out.addresses = {"roadrunner@acme.example.com"};
  out.now = 1183204800;  // Saturday, 2007-06-30 12:00 UTC
  return out;
}
