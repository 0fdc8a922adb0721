#include "mail/mime/html.h"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"

namespace mail::mime {

namespace {

/// libxml2 compares each attribute with those before it, and each end tag with all elements that are open: so it gets
/// few of either.
constexpr std::size_t longest_tag = 2048;
constexpr int deepest = 256;

struct FreeContext {
  void operator()(htmlParserCtxt* context) const { htmlFreeParserCtxt(context); }
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_hidden(std::string_view name) {
  return one_of(name, {"script", "style", "head", "template", "object", "select"});
}

bool is_inline(std::string_view name) {
  return one_of(name, {"script", "style",  "a",   "abbr", "b",    "big", "cite", "code", "em",    "font",
                       "i",      "img",    "ins", "kbd",  "mark", "q",   "s",    "samp", "small", "span",
                       "strike", "strong", "sub", "sup",  "tt",   "u",   "var",  "wbr",  "del",   "label"});
}

/// Where the tag that begins at `at` ends, after its '>'; a '>' within quotes ends nothing.
std::size_t tag_end(std::string_view html, std::size_t at) {
  char quote = '\0';
  const std::size_t last = std::min(html.size(), at + longest_tag);
  for (std::size_t i = at; i < last; ++i) {
    const char c = html[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '>') {
      return i + 1;
    } else if ((c == '"' || c == '\'') && html[i - 1] == '=') {
      quote = c;
    }
  }
  if (quote != '\0') {
    // Long values are pictures and tracking links; a quote that isn't closed within the tag is no quote.
    const auto closing = html.find(quote, last);
    if (closing != std::string_view::npos) {
      const auto end = html.find('>', closing);
      return end == std::string_view::npos ? html.size() : end + 1;
    }
  }
  const auto end = html.find('>', at);
  return end == std::string_view::npos ? html.size() : end + 1;
}

/// What is at `at`, where no tag is, but a comment, a declaration or an instruction: where that ends; nothing if it is
/// none.
std::optional<std::size_t> declaration_end(std::string_view html, std::size_t at) {
  const std::string_view rest = html.substr(at, 4);
  const bool comment = rest == "<!--";
  if (!comment && !rest.starts_with("<!") && !rest.starts_with("<?")) return std::nullopt;
  const auto end = html.find(comment ? "-->" : ">", at);
  return end == std::string_view::npos ? html.size() : end + (comment ? 3 : 1);
}

/// The end tag that ends a script or a style, in which '<' begins no tag.
std::size_t raw_end(std::string_view html, std::size_t at, std::string_view name) {
  for (at = html.find("</", at); at != std::string_view::npos; at = html.find("</", at + 2)) {
    if (same_word(html.substr(at + 2, name.size()), name)) return at;
  }
  return html.size();
}

/// The HTML with its tags cut down to their names, but those of pictures; without comments, scripts and styles.
std::string with_short_tags(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const auto open = html.find('<', at);
    out += html.substr(at, open - at);
    if (open == std::string_view::npos) break;
    std::size_t name_end = open + 1;
    if (name_end < html.size() && html[name_end] == '/') ++name_end;
    if (name_end >= html.size() || !is_letter(html[name_end])) {
      if (const auto end = declaration_end(html, open)) {
        at = *end;
        continue;
      }
      out += '<';
      at = open + 1;
      continue;
    }
    while (name_end < html.size() && (is_letter(html[name_end]) || (html[name_end] >= '0' && html[name_end] <= '9')))
      ++name_end;
    at = tag_end(html, name_end);
    const bool picture = same_word(html.substr(open, name_end - open), "<img");
    out += html.substr(open, picture && at - open <= longest_tag ? at - open : name_end - open);
    if (out.back() != '>') out += '>';
    const std::string_view name = html.substr(open + 1, name_end - open - 1);
    if (same_word(name, "script") || same_word(name, "style")) at = raw_end(html, at, name);
  }
  std::erase(out, '\0');
  return out;
}

std::string_view view(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

/// Gathers text while libxml2 reads.
class Collector {
 public:
  Collector(htmlParserCtxt* context, std::size_t limit) : context_(context), limit_(limit) {}

  void begin(std::string_view name, const xmlChar** attributes) {
    if (++depth_ > deepest) return stop();
    if (is_hidden(name)) ++hidden_;
    if (name == "body") hidden_ = 0;
    if (name == "img" && attributes != nullptr) picture(attributes);
    stand_apart(name);
  }

  void end(std::string_view name) {
    --depth_;
    if (is_hidden(name) && hidden_ > 0) --hidden_;
    stand_apart(name);
  }

  void text(std::string_view text) {
    if (hidden_ > 0) return;
    for (const char c : text) {
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        if (break_ == '\0') break_ = ' ';
        continue;
      }
      if (break_ != '\0' && !result_.empty()) result_ += break_;
      break_ = '\0';
      result_ += c;
    }
    if (result_.size() > limit_) stop();
  }

  std::string take() { return std::move(result_); }

 private:
  /// What is before an element and what is in it are not one word, and unless it is a cell not one line.
  void stand_apart(std::string_view name) {
    if (is_inline(name)) return;
    if (!one_of(name, {"td", "th"})) {
      break_ = '\n';
    } else if (break_ == '\0') {
      break_ = ' ';
    }
  }

  void picture(const xmlChar** attributes) {
    for (; attributes[0] != nullptr; attributes += 2) {
      if (view(attributes[0]) == "alt" && attributes[1] != nullptr) text(view(attributes[1]));
    }
  }

  void stop() { xmlStopParser(context_); }

  htmlParserCtxt* context_;
  std::size_t limit_;
  std::string result_;
  /// What stands between the text so far and the next: nothing, a space, or a line end, which is stronger.
  char break_ = '\0';
  int depth_ = 0;
  int hidden_ = 0;
};

void begin_element(void* data, const xmlChar* name, const xmlChar** attributes) {
  static_cast<Collector*>(data)->begin(view(name), attributes);
}

void end_element(void* data, const xmlChar* name) { static_cast<Collector*>(data)->end(view(name)); }

void characters(void* data, const xmlChar* text, int size) {
  static_cast<Collector*>(data)->text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
}

}  // namespace

std::string html_to_text(std::string_view html, std::size_t limit) {
  // libxml2 wants to be made ready by one thread.
  static const bool ready = (xmlInitParser(), true);
  const std::string input = with_short_tags(html.substr(0, std::size_t{1} << 28));
  const std::unique_ptr<htmlParserCtxt, FreeContext> context(htmlNewParserCtxt());
  if (!ready || !context || input.empty()) return {};
  Collector collector(context.get(), limit);
  xmlSAXHandler handler{};
  handler.startElement = begin_element;
  handler.endElement = end_element;
  handler.characters = characters;
  handler.cdataBlock = characters;
  handler.ignorableWhitespace = characters;
  *context->sax = handler;
  context->userData = &collector;
  constexpr int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                          HTML_PARSE_NOIMPLIED | HTML_PARSE_IGNORE_ENC;
  xmlFreeDoc(
      htmlCtxtReadMemory(context.get(), input.data(), static_cast<int>(input.size()), nullptr, "UTF-8", options));
  return collector.take();
}

std::string html_charset(std::string_view html) {
  html = html.substr(0, 2048);
  constexpr std::string_view word = "charset=";
  const std::string lower = lower_case(html);
  const auto at = lower.find(word);
  if (at == std::string::npos || lower.rfind("<meta", at) == std::string::npos) return {};
  std::string_view value = std::string_view(lower).substr(at + word.size());
  if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
  return std::string(value.substr(0, std::min(value.find_first_of("\"' />;"), value.size())));
}

}  // namespace mail::mime
