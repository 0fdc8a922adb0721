#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace transcripts {

/// One request and what is expected of its answer, as the file has it; see README.md.
struct Exchange {
  int line = 0;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  int status = 0;
  std::vector<std::pair<std::string, std::string>> expected_headers;
  struct Expectation {
    int line = 0;
    char sign = 0;
    std::string text;
  };
  std::vector<Expectation> expectations;

  /// A header of the request that is for the runner, taken out; empty if absent.
  std::string take_header(std::string_view name);
};

struct Transcript {
  std::string path;
  std::vector<Exchange> exchanges;
};

/// Throws std::runtime_error with the line for a file that isn't one.
Transcript read_transcript(const std::string& path);

/// What names stand for.
using Captures = std::map<std::string, std::string>;

/// The text with the names that are known replaced.
std::string substitute(std::string_view text, const Captures& captures);

/// Whether the whole text is as the pattern says; keeps the names that are new.
bool matches(std::string_view pattern, std::string_view text, Captures& captures);

/// Whether a part of the text is.
bool contains(std::string_view pattern, std::string_view text, Captures& captures);

/// What `@` and `%` lines say of a multistatus; empty where it holds, else why not.
std::string check_response(std::string_view expectation, const std::string& body, Captures& captures);
std::string check_count(std::string_view expectation, const std::string& body);

}  // namespace transcripts
