#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dav::xml {

struct Element;

struct Attribute {
  std::string ns;
  std::string name;
  std::string value;
  std::string prefix;  ///< as sent; empty for an attribute of no namespace
};

/// A namespace declaration: xmlns:prefix="name"; an empty prefix for the default one, an empty name to take it back.
struct Declaration {
  std::string prefix;
  std::string name;
};

/// A child: text or an element, in document order (dead properties keep mixed content).
using Node = std::variant<std::string, std::unique_ptr<Element>>;

struct Element {
  std::string_view ns;  ///< into the Document, which outlives it
  std::string name;
  std::vector<Attribute> attributes;
  std::string lang;  ///< xml:lang in force (RFC 4918 4.3)
  std::vector<Node> nodes;
  std::string prefix;                     ///< as sent (RFC 4918 4.3: it should be kept)
  std::vector<Declaration> declarations;  ///< made on this element
  const Element* parent = nullptr;        ///< null for the root

  bool is(std::string_view in_ns, std::string_view named) const { return name == named && ns == in_ns; }
  const Element* child(std::string_view in_ns, std::string_view named) const;  ///< the first; null if none
  std::vector<const Element*> children() const;
  std::string whole_text() const;                            ///< its own text nodes, joined
  std::string text() const;                                  ///< its own text nodes, joined, trimmed
  std::string_view attribute(std::string_view named) const;  ///< of no namespace; empty if none
};

class Builder;

struct Limits {
  int depth = 64;
  std::size_t size = std::size_t{4} << 20;
  std::size_t elements = 100000;
  int declarations = 256;  ///< namespaces declared in one scope
};

/// A parsed body. Owns the namespace names that its elements refer to.
class Document {
 public:
  /// Throws Error{bad_request} with line and column: malformed, a DOCTYPE, too deep or too large in any other way, a
  /// tag over 16 KiB or with more than 256 attributes, a coding other than UTF-8, UTF-16 with its mark, US-ASCII and
  /// ISO 8859-1.
  static Document parse(std::string_view text, const Limits& limits = {});
  const Element& root() const { return *root_; }

 private:
  friend class Builder;
  std::vector<std::unique_ptr<std::string>> namespaces_;
  std::unique_ptr<Element> root_;
};

/// Whether it can be the name of an element, without a prefix (an NCName of Namespaces in XML).
bool is_name(std::string_view text);

/// How many elements there are in it, itself included.
std::size_t count_elements(const Element& element);

/// The prefixes that every answer declares on its root: D C A CS ICAL (DAV:, CALDAV, CARDDAV, calendarserver, Apple).
extern const std::string_view root_namespaces;

void escape(std::string& out, std::string_view text);  ///< character data; control characters dropped
void escape_attribute(std::string& out, std::string_view text);

/// The element as a fragment that stands alone: each namespace it needs declared in it, those used only as prefixes
/// within values included; xml:lang, prefixes and mixed content kept; CDATA as text.
std::string serialize(const Element& element);

/// Appends `<prefix:name` with a declaration where the namespace is none of root_namespaces; close_tag ends it.
void open_tag(std::string& out, std::string_view ns, std::string_view name);
void close_tag(std::string& out, std::string_view ns, std::string_view name);
void empty_tag(std::string& out, std::string_view ns, std::string_view name);

}  // namespace dav::xml
