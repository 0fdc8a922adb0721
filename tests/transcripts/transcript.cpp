#include "tests/transcripts/transcript.h"

#include <strings.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace transcripts {

namespace {

struct Reader {
  explicit Reader(const std::string& path) : path_(path), file_(path) {
    if (!file_) throw std::runtime_error(path + ": cannot be read");
  }

  bool next() {
    if (!std::getline(file_, line)) return false;
    ++number;
    return true;
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(path_ + ":" + std::to_string(number) + ": " + why);
  }

  std::string line;
  int number = 0;

 private:
  std::string path_;
  std::ifstream file_;
};

bool starts_request(const std::string& line) {
  return line.size() > 3 && line.starts_with("> ") && std::isupper(line[2]);
}

bool starts_answer(const std::string& line) {
  return line.size() == 5 && line.starts_with("< ") && std::isdigit(line[2]) && std::isdigit(line[3]) &&
         std::isdigit(line[4]);
}

std::pair<std::string, std::string> header_in(const Reader& reader) {
  const auto colon = reader.line.find(':');
  if (colon == std::string::npos) reader.fail("a header has a colon: " + reader.line);
  const auto start = reader.line.find_first_not_of(' ', colon + 1);
  return {reader.line.substr(0, colon), start == std::string::npos ? "" : reader.line.substr(start)};
}

/// Reads a request up to its `< STATUS` line, which is then the reader's line.
void read_request(Reader& reader, Exchange& exchange) {
  exchange.line = reader.number;
  const auto space = reader.line.find(' ', 2);
  if (space == std::string::npos) reader.fail("a request is a method and a target");
  exchange.method = reader.line.substr(2, space - 2);
  exchange.target = reader.line.substr(space + 1);
  bool in_body = false, first = true;
  while (reader.next()) {
    if (starts_answer(reader.line)) return;
    if (starts_request(reader.line)) reader.fail("a request without an expected status");
    if (in_body) {
      if (!first) exchange.body += '\n';
      exchange.body += reader.line;
      first = false;
    } else if (reader.line.empty()) {
      in_body = true;
    } else {
      exchange.headers.push_back(header_in(reader));
    }
  }
  reader.fail("a request without an expected status");
}

/// Reads what is expected up to the next request, which is then the reader's line; false at the end of the file.
bool read_answer(Reader& reader, Exchange& exchange) {
  exchange.status = std::stoi(reader.line.substr(2));
  bool in_body = false;
  while (reader.next()) {
    if (starts_request(reader.line)) return true;
    if (reader.line.starts_with("#")) continue;
    if (reader.line.empty()) {
      in_body = true;
    } else if (!in_body) {
      exchange.expected_headers.push_back(header_in(reader));
    } else if (std::string_view("~!|=@%").find(reader.line[0]) != std::string_view::npos) {
      exchange.expectations.push_back(
          {reader.number, reader.line[0], reader.line.size() > 2 ? reader.line.substr(2) : ""});
    } else if (reader.line[0] == '&' && !exchange.expectations.empty()) {
      exchange.expectations.back().text += "\n" + (reader.line.size() > 2 ? reader.line.substr(2) : "");
    } else {
      reader.fail("no expectation starts like this: " + reader.line);
    }
  }
  return false;
}

/// One part of a pattern: a literal, `*`, or `{name}`.
struct Part {
  enum class Kind { literal, any, name } kind = Kind::literal;
  std::string text;
};

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return std::islower(c) || std::isdigit(c) || c == '_'; });
}

std::vector<Part> parts_of(std::string_view pattern, const Captures& captures) {
  std::vector<Part> parts;
  const auto literal = [&](std::string_view text) {
    if (parts.empty() || parts.back().kind != Part::Kind::literal) parts.push_back({Part::Kind::literal, ""});
    parts.back().text += text;
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto close = pattern[i] == '{' ? pattern.find('}', i) : std::string_view::npos;
    if (pattern[i] == '*') {
      parts.push_back({Part::Kind::any, ""});
    } else if (close != std::string_view::npos && is_name(pattern.substr(i + 1, close - i - 1))) {
      const std::string name(pattern.substr(i + 1, close - i - 1));
      const auto known = captures.find(name);
      if (known != captures.end()) {
        literal(known->second);
      } else {
        parts.push_back({Part::Kind::name, name});
      }
      i = close;
    } else {
      literal(pattern.substr(i, 1));
    }
  }
  return parts;
}

bool match_from(const std::vector<Part>& parts, std::size_t index, std::string_view text, Captures& captures,
                bool whole) {
  if (index == parts.size()) return !whole || text.empty();
  const auto& part = parts[index];
  if (part.kind == Part::Kind::literal) {
    return text.starts_with(part.text) && match_from(parts, index + 1, text.substr(part.text.size()), captures, whole);
  }
  const bool name = part.kind == Part::Kind::name;
  for (std::size_t length = name ? 1 : 0; length <= text.size(); ++length) {
    if (name && std::isspace(static_cast<unsigned char>(text[length - 1]))) return false;
    if (!match_from(parts, index + 1, text.substr(length), captures, whole)) continue;
    if (name) captures[part.text] = text.substr(0, length);
    return true;
  }
  return false;
}

}  // namespace

std::string Exchange::take_header(std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return header.first.size() == name.size() && ::strncasecmp(header.first.data(), name.data(), name.size()) == 0;
  });
  if (found == headers.end()) return {};
  auto value = found->second;
  headers.erase(found);
  return value;
}

Transcript read_transcript(const std::string& path) {
  Transcript transcript{path, {}};
  Reader reader(path);
  if (!reader.next() || !reader.line.starts_with("# ")) reader.fail("the first line cites the rule: # RFC 4918 9.1: …");
  bool more = false;
  while (!more && reader.next()) {
    if (starts_request(reader.line)) {
      more = true;
    } else if (reader.line.starts_with("+ ")) {
      const auto folder = path.substr(0, path.rfind('/') + 1);
      auto setup = read_transcript(folder + reader.line.substr(2));
      std::move(setup.exchanges.begin(), setup.exchanges.end(), std::back_inserter(transcript.exchanges));
    } else if (!reader.line.empty() && !reader.line.starts_with("#")) {
      reader.fail("expected a request: " + reader.line);
    }
  }
  while (more) {
    auto& exchange = transcript.exchanges.emplace_back();
    read_request(reader, exchange);
    more = read_answer(reader, exchange);
  }
  if (transcript.exchanges.empty()) reader.fail("no request in it");
  return transcript;
}

std::string substitute(std::string_view text, const Captures& captures) {
  std::string out;
  for (const auto& part : parts_of(text, captures)) {
    out += part.kind == Part::Kind::any ? "*" : part.kind == Part::Kind::name ? "{" + part.text + "}" : part.text;
  }
  return out;
}

bool matches(std::string_view pattern, std::string_view text, Captures& captures) {
  return match_from(parts_of(pattern, captures), 0, text, captures, true);
}

bool contains(std::string_view pattern, std::string_view text, Captures& captures) {
  const auto parts = parts_of(pattern, captures);
  if (parts.size() == 1 && parts[0].kind == Part::Kind::literal)
    return text.find(parts[0].text) != std::string_view::npos;
  for (std::size_t start = 0; start <= text.size(); ++start) {
    if (match_from(parts, 0, text.substr(start), captures, false)) return true;
  }
  return false;
}

}  // namespace transcripts
