#include "mail/sieve/filter.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"
#include "mail/mime/scanner.h"
#include "mail/sieve/header_fields.h"
#include "mail/sieve/interpreter.h"
#include "mail/sieve/respond.h"
#include "storage/mail.h"
#include "storage/sha256.h"
#include "storage/sieve.h"

namespace mail::sieve {

namespace {

using storage::Transaction;

std::string hash_of(std::string_view what, std::string_view key) {
  storage::Sha256 hash;
  hash.add(what);
  hash.add(std::string_view("\0", 1));
  hash.add(key);
  return hash.finish();
}

/// A message in a spool.
class SpoolMessage final : public Message {
 public:
  explicit SpoolMessage(const storage::Spool& spool) : spool_(spool) {}

  const mime::Structure& structure() const override {
    if (!structure_) {
      constexpr std::size_t piece = std::size_t{64} * 1024;
      mime::Scanner scanner;
      for (std::uint64_t at = 0; at < size(); at += piece) scanner.add(octets(at, piece));
      structure_ = scanner.finish();
    }
    return *structure_;
  }

  std::string octets(std::uint64_t begin, std::size_t count) const override {
    if (begin >= size()) return {};
    if (spool_.in_memory()) return std::string(spool_.bytes().substr(static_cast<std::size_t>(begin), count));
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(count, size() - begin)), '\0');
    out.resize(spool_.file()->read(out.data(), out.size(), begin));
    return out;
  }

  std::uint64_t size() const override { return spool_.size(); }

 private:
  const storage::Spool& spool_;
  mutable std::optional<mime::Structure> structure_;
};

/// The account's mailboxes and scripts, as they are when they are first asked for.
class StoreHost final : public Host {
 public:
  StoreHost(const Services& services, storage::Id account) : services_(services), account_(account) {}

  bool mailbox_exists(const std::string& name) override { return find(name) != nullptr; }

  bool has_special_use(const std::string& name, const std::string& use) override {
    const std::string* found = find(name);
    return found != nullptr && !use.empty() && mime::same_word(*found, use);
  }

  std::optional<std::string> mailbox_with(const std::string& use) override {
    for (const auto& [name, its] : mailboxes()) {
      if (!use.empty() && mime::same_word(its, use)) return name;
    }
    return std::nullopt;
  }

  /// RFC 5183 4.1
  std::optional<std::string> environment(const std::string& name) override {
    const std::string& host = services_.settings.host_name;
    if (name == "host") return host;
    if (name == "domain") return host.substr(std::min(host.find('.'), host.size() - 1) + 1);
    if (name == "location") return "MDA";
    if (name == "phase") return "during";
    if (name == "name") return "Pileus";
    return std::nullopt;
  }

  bool was_seen(const std::string& key) override {
    return services_.store.read([&](Transaction& transaction) {
      return storage::Sieve(transaction).remembers(account_, hash_of("duplicate", key));
    });
  }

  std::optional<std::string> script(const std::string& name, bool global) override {
    if (global) return std::nullopt;
    return services_.store.read(
        [&](Transaction& transaction) { return storage::Sieve(transaction).script(account_, name); });
  }

 private:
  /// Full names, and what they are for.
  const std::map<std::string, std::string>& mailboxes() {
    if (mailboxes_) return *mailboxes_;
    mailboxes_.emplace();
    const auto all =
        services_.store.read([&](Transaction& transaction) { return storage::Mail(transaction).mailboxes(account_); });
    std::map<storage::Id, std::string> names;
    for (const storage::Mailbox& one : all) {
      const auto above = names.find(one.parent);
      std::string name = above == names.end() ? one.name : above->second + "/" + one.name;
      if (one.selectable) mailboxes_->emplace(name, one.special_use);
      names.emplace(one.id, std::move(name));
    }
    return *mailboxes_;
  }

  const std::string* find(const std::string& name) {
    const auto found = mailboxes().find(mime::same_word(name, "INBOX") ? "INBOX" : name);
    return found == mailboxes().end() ? nullptr : &found->second;
  }

  const Services& services_;
  storage::Id account_;
  std::optional<std::map<std::string, std::string>> mailboxes_;
};

unsigned flag_named(const std::string& name) {
  static constexpr std::pair<std::string_view, unsigned> flags[] = {{"\\Seen", storage::flag::seen},
                                                                    {"\\Answered", storage::flag::answered},
                                                                    {"\\Flagged", storage::flag::flagged},
                                                                    {"\\Deleted", storage::flag::deleted},
                                                                    {"\\Draft", storage::flag::draft}};
  for (const auto& [one, bit] : flags) {
    if (mime::same_word(one, name)) return bit;
  }
  return 0;
}

/// The run of one script over one message, and what is made of its outcome.
class Filtering {
 public:
  Filtering(const Services& services, const Arriving& arriving)
      : services_(services), arriving_(arriving), message_(arriving.message), host_(services, arriving.account.id) {
    setting_.from = arriving.sender;
    setting_.to = arriving.recipient;
    setting_.addresses = arriving.account.addresses;
    setting_.now = services.store.read([](Transaction& transaction) { return transaction.now(); });
  }

  Verdict verdict(const storage::ActiveSieveScript& active, const TellFault& tell) {
    Outcome outcome;
    // It was short enough when it was put, whatever is configured since.
    ScriptLimits limits;
    limits.octets = std::max(limits.octets, active.octets.size());
    try {
      outcome = run(compile(active.octets, limits), message_, host_, setting_);
    } catch (const ScriptError& error) {
      outcome.error = error.what();
      outcome.actions.emplace_back();
    }
    verdict_.filings.clear();
    for (const Action& one : outcome.actions) act(one);
    for (const Seen& one : outcome.seen) remember(hash_of("duplicate", one.key), one.seconds);
    if (outcome.error != active.fault) note_fault(active.name, outcome.error, tell);
    if (!memories_.empty()) {
      verdict_.also = [account = arriving_.account.id, memories = std::move(memories_)](Transaction& transaction) {
        storage::Sieve sieve(transaction);
        for (const auto& [hash, until] : memories) sieve.remember(account, hash, until);
      };
    }
    return std::move(verdict_);
  }

 private:
  void act(const Action& action) {
    switch (action.kind) {
      case Action::Kind::keep:
      case Action::Kind::fileinto:
        return file(action);
      case Action::Kind::redirect:
        return send(setting_.from, action.target, without_return_path(action));
      case Action::Kind::reject:
      case Action::Kind::ereject:
        return refuse(action);
      case Action::Kind::vacation:
        return answer(*action.vacation);
    }
  }

  void file(const Action& action) {
    Filing filing;
    if (action.kind == Action::Kind::fileinto) filing.mailbox = action.target;
    filing.special_use = action.special_use;
    filing.create = action.create;
    for (const std::string& one : action.flags) {
      const unsigned bit = flag_named(one);
      filing.flags |= bit;
      if (bit == 0) filing.keywords.push_back(one);
    }
    verdict_.filings.push_back(std::move(filing));
    if (action.header) verdict_.replaced = with_header(*action.header);
  }

  /// The message with another header.
  storage::Spool with_header(std::string_view header) const {
    constexpr std::size_t piece = std::size_t{64} * 1024;
    storage::Spool out(services_.store.spool_directory());
    out.append(header);
    for (std::uint64_t at = message_.structure().layout.at(0).body_begin; at < message_.size(); at += piece) {
      out.append(message_.octets(at, piece));
    }
    return out;
  }

  /// RFC 5321 4.4: a message that goes on has no Return-Path.
  storage::Spool without_return_path(const Action& action) const {
    std::string out;
    mime::FieldReader reader(action.header ? std::string_view(*action.header) : arriving_.header);
    while (const auto field = reader.next()) {
      if (!mime::same_word(field->name, "Return-Path")) out += field->whole;
    }
    return with_header(out + "\r\n");
  }

  void send(const std::string& sender, const std::string& recipient, storage::Spool message) {
    verdict_.departing.push_back({sender, {recipient}, std::move(message)});
  }

  /// In the dialogue where the text can be said there. RFC 5429 2.1, 2.2
  void refuse(const Action& action) {
    constexpr std::size_t most = 400;
    const std::string reason = one_line(action.reason);
    const bool sayable = mime::is_ascii(reason) && reason.size() <= most;
    if (sayable || action.kind == Action::Kind::ereject || setting_.from.empty()) {
      verdict_.rejection =
          sayable && !reason.empty() ? reason : "The message was refused by the recipient's mail filtering program";
      return;
    }
    send("", setting_.from,
         storage::Spool(refusal_message(action.reason, arriving_.header, setting_.from, origin("reject")),
                        services_.store.spool_directory()));
  }

  void answer(const Vacation& vacation) {
    const std::string hash = hash_of("vacation", vacation.key);
    if (vacation.seconds > 0) {
      const bool answered = services_.store.read(
          [&](Transaction& transaction) { return storage::Sieve(transaction).remembers(arriving_.account.id, hash); });
      if (answered) return;
      remember(hash, vacation.seconds);
    }
    send("", vacation.to,
         storage::Spool(vacation_message(vacation, origin("vacation")), services_.store.spool_directory()));
  }

  void remember(std::string hash, std::int64_t seconds) {
    memories_.emplace_back(std::move(hash), setting_.now + seconds);
  }

  /// The id is a function of what is answered, so that an answer given again after a crash is the same.
  Origin origin(std::string_view what) const {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    const std::string key =
        std::to_string(setting_.now) + setting_.to + '\0' + setting_.from + std::string(arriving_.header);
    for (const char c : hash_of(what, key).substr(0, 12)) {
      const auto octet = static_cast<unsigned char>(c);
      id += {digits[octet >> 4U], digits[octet & 15U]};
    }
    const auto& addresses = arriving_.account.addresses;
    return {addresses.empty() ? setting_.to : addresses.front(), id + "@" + services_.settings.host_name,
            services_.settings.host_name, setting_.now, setting_.zone};
  }

  /// What the script ran into is written down, and told if it wasn't there already.
  void note_fault(const std::string& script, const std::string& fault, const TellFault& tell) const {
    const bool is_new = services_.store.write([&](Transaction& transaction) {
      return storage::Sieve(transaction).set_fault(arriving_.account.id, script, fault);
    });
    if (is_new && !fault.empty() && tell) tell(arriving_.account, script, fault);
  }

  const Services& services_;
  const Arriving& arriving_;
  SpoolMessage message_;
  StoreHost host_;
  Setting setting_;
  Verdict verdict_;
  std::vector<std::pair<std::string, storage::Timestamp>> memories_;
};

}  // namespace

DeliverHook filter(const Services& services, TellFault tell) {
  return [&services, tell = std::move(tell)](const Arriving& arriving) {
    const auto active = services.store.read(
        [&](Transaction& transaction) { return storage::Sieve(transaction).active(arriving.account.id); });
    if (!active) return Verdict();
    return Filtering(services, arriving).verdict(*active, tell);
  };
}

}  // namespace mail::sieve
