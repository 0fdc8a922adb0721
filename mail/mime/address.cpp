#include "mail/mime/address.h"

#include <algorithm>

#include "mail/mime/header.h"
#include "mail/mime/lexer.h"

namespace mail::mime {

namespace {

/// What a word ends at, outside quotes.
constexpr std::string_view specials = "<>@,;:\"( \t";

bool is_atom_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Reads a list from left to right. The words that were read and not yet used are a phrase or a local part: which of
/// them shows what follows.
class Reader {
 public:
  explicit Reader(std::string_view text) : lexer_(text) {}

  std::vector<Address> read() {
    while (true) {
      space_ = lexer_.skip_space();
      if (lexer_.at_end()) break;
      step(lexer_.peek());
    }
    finish_naked();
    if (in_group_) end_group();
    return std::move(list_);
  }

 private:
  void step(char c) {
    switch (c) {
      case '(': {
        std::string comment;
        lexer_.skip_cfws(&comment);
        space_ = true;
        keep_comment(std::move(comment));
        return;
      }
      case ',':
        lexer_.skip();
        return finish_naked();
      case ';':
        lexer_.skip();
        finish_naked();
        if (in_group_) end_group();
        return;
      case ':':
        lexer_.skip();
        return begin_group();
      case '<':
        return angle();
      case '>':
        // RFC 7103 7.1.3
        return lexer_.skip();
      case '@':
        lexer_.skip();
        return domain_of_words();
      default:
        word();
    }
  }

  /// An atom, a quoted string, or a '.' between them.
  void word() {
    std::string text;
    if (lexer_.peek() == '"') {
      auto quoted = lexer_.quoted_string();
      if (!quoted) {
        // RFC 7103 7.1.6
        lexer_.skip();
        return;
      }
      text = std::move(*quoted);
    } else {
      text = std::string(lexer_.until(specials));
    }
    // Words of a phrase are apart; in a local part only dots may be. RFC 5322 4.4
    if (!phrase_.empty() && space_) phrase_ += ' ';
    phrase_ += text;
    local_ += text;
    seen_ = true;
  }

  /// `name:`. RFC 5322 3.4
  void begin_group() {
    if (in_group_ || phrase_.empty()) return;
    Address group;
    group.kind = Address::Kind::group_begin;
    group.name = phrase_;
    list_.push_back(std::move(group));
    in_group_ = true;
    forget();
  }

  void end_group() {
    Address end;
    end.kind = Address::Kind::group_end;
    list_.push_back(std::move(end));
    in_group_ = false;
  }

  /// `<route:local@domain>`, more or less.
  void angle() {
    while (lexer_.skip_if('<')) lexer_.skip_cfws();
    Address address;
    address.name = std::move(phrase_);
    forget();
    if (lexer_.peek() == '@') address.route = route();
    address.mailbox = local_part();
    if (lexer_.skip_if('@')) address.host = domain();
    lexer_.skip_cfws();
    // RFC 7103 7.1.2; what else may stand there is passed over, up to what ends the address.
    lexer_.until(">,;");
    while (lexer_.skip_if('>')) lexer_.skip_space();
    // `<>` and a display name without an address are nobody.
    if (address.mailbox.empty() && address.host.empty() && address.name.empty()) return;
    add(std::move(address));
  }

  /// `@a,@b:`. RFC 5322 4.4
  std::string route() {
    std::string result;
    while (lexer_.skip_if('@')) {
      if (!result.empty()) result += ',';
      result += '@' + domain();
      lexer_.skip_cfws();
      while (lexer_.skip_if(',')) lexer_.skip_cfws();
    }
    lexer_.skip_if(':');
    lexer_.skip_cfws();
    return result;
  }

  std::string local_part() {
    std::string result;
    while (true) {
      lexer_.skip_cfws();
      if (lexer_.peek() == '"') {
        if (auto quoted = lexer_.quoted_string()) {
          result += *quoted;
        } else {
          lexer_.skip();
        }
        continue;
      }
      const std::string_view atom = lexer_.until("@>,;<\"( \t");
      if (atom.empty()) return result;
      result += atom;
    }
  }

  /// A domain, also a literal one, white space and comments in it gone.
  std::string domain() {
    std::string result;
    while (true) {
      std::string comment;
      const std::size_t before = lexer_.at();
      lexer_.skip_cfws(&comment);
      if (!comment.empty()) keep_comment(std::move(comment));
      const bool apart = lexer_.at() > before;
      if (lexer_.peek() == '[') {
        const std::size_t from = lexer_.at();
        lexer_.until("]>");
        lexer_.skip_if(']');
        result += lexer_.since(from);
        continue;
      }
      // After white space it goes on only where a dot stands on one side of it.
      if (apart && !result.empty() && lexer_.peek() != '.' && result.back() != '.') return result;
      const std::string_view atom = lexer_.until("@>,;:<\"( \t[");
      if (atom.empty()) return result;
      result += atom;
    }
  }

  /// What was read is a local part, and '@' has been passed over.
  void domain_of_words() {
    if (done_ && local_.empty()) {
      // A second '@' in one address.
      domain();
      return;
    }
    done_ = false;
    Address address;
    address.mailbox = std::move(local_);
    const std::string spoken = phrase_;
    forget();
    comment_.clear();
    address.host = domain();
    const std::string name = comment_;
    lexer_.skip_cfws(&comment_);
    if (address.mailbox.empty() && address.host.empty()) return;
    if (lexer_.peek() == '<') {
      // `joe@example.com <joe@example.com>`: the first is what it is called.
      phrase_ = spoken + '@' + address.host;
      seen_ = true;
      return;
    }
    address.name = comment_.empty() ? name : comment_;
    add(std::move(address));
  }

  /// The end of an entry. Words without an address are a local part alone (RFC 7103 7.1.7), those after one are
  /// nothing.
  void finish_naked() {
    if (!done_ && seen_ && !phrase_.empty()) {
      Address address;
      address.mailbox = std::move(phrase_);
      add(std::move(address));
    }
    forget();
    done_ = false;
  }

  void add(Address address) {
    list_.push_back(std::move(address));
    done_ = true;
    comment_.clear();
  }

  /// `joe@example.com (Joe)`
  void keep_comment(std::string comment) {
    if (done_ && !list_.empty() && list_.back().kind == Address::Kind::mailbox && list_.back().name.empty()) {
      list_.back().name = comment;
    }
    comment_ = std::move(comment);
  }

  void forget() {
    phrase_.clear();
    local_.clear();
    seen_ = false;
  }

  Lexer lexer_;
  std::vector<Address> list_;
  std::string phrase_;
  std::string local_;
  std::string comment_;
  bool seen_ = false;
  bool space_ = false;
  bool done_ = false;
  bool in_group_ = false;
};

}  // namespace

std::vector<Address> parse_addresses(std::string_view value) { return Reader(value).read(); }

std::string address_text(const Address& address) {
  if (address.kind != Address::Kind::mailbox) return {};
  std::string local = address.mailbox;
  const bool plain = !local.empty() && std::all_of(local.begin(), local.end(), is_atom_character) &&
                     local.front() != '.' && local.back() != '.' && local.find("..") == std::string::npos;
  if (!plain) {
    std::string quoted = "\"";
    for (const char c : local) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    local = quoted + '"';
  }
  return address.host.empty() ? local : local + '@' + address.host;
}

}  // namespace mail::mime
