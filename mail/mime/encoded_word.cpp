#include "mail/mime/encoded_word.h"

#include <algorithm>
#include <optional>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"
#include "mail/mime/transfer.h"

namespace mail::mime {

namespace {

struct Word {
  std::string_view charset;
  std::string octets;
  std::size_t length = 0;
};

/// The "Q" encoding. RFC 2047 4.2
std::string decode_q(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '_', ' ');
  return decode_hex(spaced, '=');
}

/// Reads the words of one text. It remembers where there is no end of a word any more, so that a text full of
/// beginnings takes no longer than another.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::string read() {
    std::size_t plain = 0;
    for (std::size_t at = text_.find("=?"); at != std::string_view::npos; at = text_.find("=?", at)) {
      const auto word = word_at(at);
      if (!word) {
        at += 2;
        continue;
      }
      add_plain(text_.substr(plain, at - plain));
      add_word(*word);
      at += word->length;
      plain = at;
    }
    add_plain(text_.substr(plain));
    flush();
    return std::move(result_);
  }

 private:
  std::optional<Word> word_at(std::size_t at) {
    const std::string_view rest = text_.substr(at + 2, max_charset + 4);
    const auto mark = rest.find('?');
    if (mark > max_charset || mark + 2 >= rest.size() || rest[mark + 2] != '?') return std::nullopt;
    const char encoding = rest[mark + 1];
    const std::size_t begin = at + 2 + mark + 3;
    if (end_ < begin) end_ = text_.find("?=", begin);
    if (end_ == std::string_view::npos) return std::nullopt;
    Word word;
    // RFC 2231 5: a language may follow the character set.
    word.charset = rest.substr(0, std::min(mark, rest.find('*')));
    const std::string_view encoded = text_.substr(begin, end_ - begin);
    if (encoding == 'Q' || encoding == 'q') {
      word.octets = decode_q(encoded);
    } else if (encoding == 'B' || encoding == 'b') {
      word.octets = decode_base64(encoded);
    } else {
      return std::nullopt;
    }
    word.length = end_ + 2 - at;
    return word;
  }

  void add_plain(std::string_view text) {
    // RFC 2047 6.2: white space between two encoded words is not shown.
    if (text.empty() || (after_word_ && trimmed(text).empty() && !at_end(text))) return;
    flush();
    result_ += guessed_utf8(text);
    after_word_ = false;
  }

  bool at_end(std::string_view text) const { return text.data() + text.size() == text_.data() + text_.size(); }

  void add_word(const Word& word) {
    // The words of ISO-2022 end in its first state, and ICU minds when that is left again at once.
    if (!same_word(charset_, word.charset) || lower_case(word.charset).starts_with("iso-2022")) flush();
    charset_ = word.charset;
    octets_ += word.octets;
    after_word_ = true;
  }

  void flush() {
    if (!octets_.empty()) result_ += to_utf8(octets_, charset_);
    octets_.clear();
  }

  static constexpr std::size_t max_charset = 60;

  std::string_view text_;
  std::size_t end_ = 0;
  std::string_view charset_;
  std::string octets_;
  bool after_word_ = false;
  std::string result_;
};

}  // namespace

std::string decode_words(std::string_view text) {
  std::string result = Reader(text).read();
  std::replace_if(
      result.begin(), result.end(), [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; }, ' ');
  return result;
}

}  // namespace mail::mime
