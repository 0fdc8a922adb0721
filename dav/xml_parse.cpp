#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "dav/error.h"
#include "dav/xml.h"

// The one place that knows libxml2.

namespace dav::xml {

namespace {

/// libxml2 is made ready once, by whoever comes first; others would find it half made.
void prepare_library() {
  static const bool done = (xmlInitParser(), true);
  static_cast<void>(done);
}

constexpr std::size_t longest_tag = 16 * 1024;
constexpr int most_attributes = 256;

/// Different names of elements, attributes and namespaces in one document: the parser's table of them grows slow.
constexpr std::size_t most_names = 4096;

std::string_view view(const xmlChar* text) { return text ? reinterpret_cast<const char*>(text) : std::string_view(); }

[[noreturn]] void refuse(std::string_view why, std::ptrdiff_t line, std::ptrdiff_t column) {
  throw Error{condition::bad_request,
              "XML, line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + std::string(why)};
}

[[noreturn]] void refuse_at(std::string_view text, std::size_t position, std::string_view why) {
  const auto before = text.substr(0, position);
  const auto newline = before.rfind('\n');
  refuse(why, std::count(before.begin(), before.end(), '\n') + 1,
         static_cast<std::ptrdiff_t>(newline == std::string_view::npos ? position + 1 : position - newline));
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  if (code < 0x10000) return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
}

std::string from_utf16(std::string_view text, bool big_endian) {
  std::string out;
  const auto unit = [&](std::size_t i) {
    const auto first = static_cast<unsigned char>(text[i]), second = static_cast<unsigned char>(text[i + 1]);
    return static_cast<std::uint32_t>(big_endian ? first << 8 | second : second << 8 | first);
  };
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    std::uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xDC00 && i + 3 < text.size()) {
      const auto low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    append_utf8(out, code);  // a lone surrogate becomes an octet sequence that the parser refuses
  }
  return out;
}

/// The coding named in the XML declaration, in lower case; empty where there is none.
std::string declared_coding(std::string_view text) {
  if (!text.starts_with("<?xml")) return {};
  auto declaration = text.substr(0, std::min(text.find("?>"), std::size_t{256}));
  const auto at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  const auto quote = declaration.find_first_of("\"'", at);
  if (quote == std::string_view::npos) return {};
  const auto end = declaration.find(declaration[quote], quote + 1);
  if (end == std::string_view::npos) return {};
  std::string coding(declaration.substr(quote + 1, end - quote - 1));
  std::transform(coding.begin(), coding.end(), coding.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return coding;
}

/// The text as UTF-8; nothing where it is that already. Everything after this sees the octets that the parser sees, so
/// that no coding can hide a tag from the checks.
std::optional<std::string> to_utf8(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return from_utf16(text, text[0] == '\xFE');
  const auto coding = declared_coding(text);
  if (coding.empty() || coding == "utf-8" || coding == "utf8" || coding == "us-ascii" || coding == "ascii")
    return std::nullopt;
  if (coding != "iso-8859-1")
    throw Error{condition::bad_request, "XML in the coding \"" + coding + "\" is not understood"};
  std::string out;
  for (const char c : text) append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

/// Where the markup that starts at `at` ends: just after its '>'.
std::size_t markup_end(std::string_view text, std::size_t at) {
  const auto after = [&](std::string_view end, std::size_t from) {
    const auto found = text.find(end, at + from);
    return found == std::string_view::npos ? text.size() : found + end.size();
  };
  if (text.substr(at, 4) == "<!--") {
    // XML 1.0 2.5. The parser would report each of them.
    const auto hyphens = text.find("--", at + 4);
    if (hyphens == std::string_view::npos) return text.size();
    if (text.substr(hyphens, 3) != "-->") refuse_at(text, hyphens, "two hyphens in a comment");
    return hyphens + 3;
  }
  if (text.substr(at, 9) == "<![CDATA[") return after("]]>", 9);
  if (text.substr(at, 2) == "<?") return after("?>", 2);
  if (text.substr(at, 2) == "<!") refuse_at(text, at, "a document type is not accepted");
  char quote = 0;
  int values = 0;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (i - at > longest_tag) refuse_at(text, at, "a tag of more than 16 KiB");
    const char c = text[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
      if (++values > most_attributes) refuse_at(text, at, "a tag with more than 256 attributes");
    } else if (c == '>') {
      return i + 1;
    }
  }
  return text.size();
}

/// What costs the parser more than it is worth is refused before it sees it: its checks of one tag's attributes are
/// quadratic, and entities expand.
void check_tags(std::string_view text) {
  for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', markup_end(text, at))) {
  }
}

struct ContextDeleter {
  void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

}  // namespace

/// Builds the tree from the parser's events.
class Builder {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

  Document run(std::string_view text);

 private:
  static void start(void* self, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri, int declared,
                    const xmlChar** declarations, int count, int, const xmlChar** attributes) {
    static_cast<Builder*>(self)->start_element(name, prefix, uri, {declarations, static_cast<std::size_t>(declared)},
                                               attributes, count);
  }
  static void end(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
    static_cast<Builder*>(self)->end_element();
  }
  static void characters(void* self, const xmlChar* text, int length) {
    static_cast<Builder*>(self)->add_text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
  }
  static void error(void* self, xmlErrorPtr error) { static_cast<Builder*>(self)->note_error(*error); }
  static void ignore(void*, const char*, ...) {}
  static void document_type(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
    static_cast<Builder*>(self)->stop("a document type is not accepted");
  }

  struct Declared {
    const xmlChar** pairs;
    std::size_t count;
  };

  void start_element(const xmlChar* name, const xmlChar* prefix, const xmlChar* uri, Declared declared,
                     const xmlChar** attributes, int count);
  void end_element();
  void add_text(std::string_view text);
  void note_error(const xmlError& error);
  void stop(std::string_view why);
  std::string_view intern(const xmlChar* uri);
  bool has_too_many_names(const xmlChar* name, const xmlChar* uri, const xmlChar** attributes, int count);

  const Limits& limits_;
  std::unique_ptr<xmlParserCtxt, ContextDeleter> parser_;
  Document document_;
  std::unordered_set<const xmlChar*> names_;
  std::unordered_map<const xmlChar*, std::string_view> interned_;  // the parser's own names are unique by address
  Element* current_ = nullptr;
  int depth_ = 0;
  std::size_t elements_ = 0;
  std::size_t declarations_ = 0;
  std::string failure_;
  int failure_line_ = 0;
  int failure_column_ = 0;
};

Document Builder::run(std::string_view text) {
  xmlSAXHandler handler{};
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = start;
  handler.endElementNs = end;
  handler.characters = characters;
  handler.ignorableWhitespace = characters;
  handler.internalSubset = document_type;
  handler.serror = error;
  handler.error = handler.fatalError = handler.warning = ignore;
  prepare_library();
  parser_.reset(xmlCreatePushParserCtxt(&handler, this, nullptr, 0, nullptr));
  if (!parser_) throw std::bad_alloc();
  xmlCtxtUseOptions(parser_.get(), XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_IGNORE_ENC);
  const int status = xmlParseChunk(parser_.get(), text.data(), static_cast<int>(text.size()), 1);
  if (failure_.empty() && (status != 0 || parser_->wellFormed == 0 || !document_.root_)) stop("not well-formed");
  if (!failure_.empty()) refuse(failure_, failure_line_, failure_column_);
  return std::move(document_);
}

void Builder::stop(std::string_view why) {
  if (failure_.empty()) {
    failure_ = why;
    failure_line_ = xmlSAX2GetLineNumber(parser_.get());
    failure_column_ = xmlSAX2GetColumnNumber(parser_.get());
  }
  xmlStopParser(parser_.get());
}

void Builder::note_error(const xmlError& error) {
  const bool bad_namespace =
      error.domain == XML_FROM_NAMESPACE && error.level >= XML_ERR_ERROR && error.code != XML_WAR_NS_URI;
  if (!failure_.empty() || (error.level != XML_ERR_FATAL && !bad_namespace)) return;
  failure_ = error.message ? error.message : "not well-formed";
  failure_.erase(failure_.find_last_not_of(" \n") + 1);
  if (failure_.empty()) failure_ = "not well-formed";
  failure_line_ = error.line;
  failure_column_ = error.int2;
}

std::string_view Builder::intern(const xmlChar* uri) {
  if (!uri) return {};
  const auto [found, added] = interned_.try_emplace(uri);
  if (added) {
    document_.namespaces_.push_back(std::make_unique<std::string>(view(uri)));
    found->second = *document_.namespaces_.back();
  }
  return found->second;
}

// The parser keeps each name once, so that its address tells it from others.
bool Builder::has_too_many_names(const xmlChar* name, const xmlChar* uri, const xmlChar** attributes, int count) {
  names_.insert(name);
  names_.insert(uri);
  for (int i = 0; i < count; ++i) names_.insert(attributes[5 * i]);
  return names_.size() > most_names;
}

void Builder::start_element(const xmlChar* name, const xmlChar* prefix, const xmlChar* uri, Declared declared,
                            const xmlChar** attributes, int count) {
  if (!failure_.empty()) return;
  if (++depth_ > limits_.depth) return stop("nested too deeply");
  if (++elements_ > limits_.elements) return stop("too many elements");
  if (prefix && !uri) return stop("a prefix without a namespace");
  declarations_ += declared.count;
  if (declarations_ > static_cast<std::size_t>(limits_.declarations)) return stop("too many namespaces");
  if (has_too_many_names(name, uri, attributes, count)) return stop("too many different names");
  auto element = std::make_unique<Element>();
  element->ns = intern(uri);
  element->name = view(name);
  element->prefix = view(prefix);
  element->parent = current_;
  if (current_) element->lang = current_->lang;
  for (std::size_t i = 0; i < declared.count; ++i) {
    element->declarations.push_back(
        {std::string(view(declared.pairs[2 * i])), std::string(view(declared.pairs[2 * i + 1]))});
  }
  for (int i = 0; i < count; ++i, attributes += 5) {
    if (attributes[1] && !attributes[2]) return stop("a prefix without a namespace");
    std::string value(reinterpret_cast<const char*>(attributes[3]), reinterpret_cast<const char*>(attributes[4]));
    if (view(attributes[1]) == "xml" && view(attributes[0]) == "lang") element->lang = value;
    element->attributes.push_back({std::string(view(attributes[2])), std::string(view(attributes[0])), std::move(value),
                                   std::string(view(attributes[1]))});
  }
  auto* made = element.get();
  if (current_) {
    current_->nodes.emplace_back(std::move(element));
  } else {
    document_.root_ = std::move(element);
  }
  current_ = made;
}

void Builder::end_element() {
  if (!failure_.empty() || !current_) return;
  --depth_;
  declarations_ -= current_->declarations.size();
  current_ = const_cast<Element*>(current_->parent);
}

void Builder::add_text(std::string_view text) {
  if (!failure_.empty() || !current_) return;
  if (!current_->nodes.empty()) {
    if (auto* last = std::get_if<std::string>(&current_->nodes.back())) {
      last->append(text);
      return;
    }
  }
  current_->nodes.emplace_back(std::string(text));
}

Document Document::parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.size) throw Error{condition::bad_request, "an XML body of more octets than are accepted"};
  const auto converted = to_utf8(text);
  const std::string_view octets = converted ? *converted : text;
  check_tags(octets);
  return Builder(limits).run(octets);
}

bool is_name(std::string_view text) {
  const std::string terminated(text);
  return text.find('\0') == std::string_view::npos &&
         xmlValidateNCName(reinterpret_cast<const xmlChar*>(terminated.c_str()), 0) == 0;
}

}  // namespace dav::xml
