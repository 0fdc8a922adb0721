#include "mail/mime/body_structure.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "mail/mime/envelope.h"
#include "mail/mime/header.h"

namespace mail::mime {

namespace {

/// What a part that is not there is: a message that couldn't be looked into has this for a body.
constexpr std::string_view empty_text = R"(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0))";

/// The fields of a part that are written.
struct Fields {
  std::optional<std::string> id, description, encoding, md5, disposition, language, location;
};

Fields read_fields(std::string_view header) {
  struct Row {
    std::string_view name;
    std::optional<std::string> Fields::*place;
  };
  static constexpr Row rows[] = {
      {"Content-ID", &Fields::id},
      {"Content-Description", &Fields::description},
      {"Content-Transfer-Encoding", &Fields::encoding},
      {"Content-MD5", &Fields::md5},
      {"Content-Disposition", &Fields::disposition},
      {"Content-Language", &Fields::language},
      {"Content-Location", &Fields::location},
  };
  Fields fields;
  FieldReader reader(header);
  while (const auto field = reader.next()) {
    if (field->name.size() < 10) continue;
    for (const Row& row : rows) {
      if (same_word(field->name, row.name) && !(fields.*row.place)) fields.*row.place = unfold(field->value);
    }
  }
  return fields;
}

/// UTF-8 as RFC 2231 writes it: `UTF-8'en'%E2%82%AC`.
std::string extended_value(const Parameter& parameter) {
  constexpr std::string_view plain = "!#$&+-.^_`|~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "UTF-8'" + parameter.language + "'";
  for (const char c : parameter.value) {
    const auto octet = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[octet >> 4];
      out += digits[octet & 15];
    }
  }
  return out;
}

class Writer {
 public:
  Writer(const Structure& structure, Detail detail, Client client)
      : structure_(structure), extended_(detail == Detail::body_structure), client_(client) {}

  std::string write() {
    if (!structure_.layout.empty()) part(0);
    return std::move(out_);
  }

 private:
  /// Parts are in one another only as deep as the Scanner's limit allows, and so is this.
  void part(std::uint32_t index) {
    const Extent& extent = structure_.layout[index];
    const Fields fields = read_fields(structure_.descriptions[index].header);
    out_ += '(';
    if (extent.kind == PartKind::multipart) {
      for (const std::uint32_t child : children(structure_.layout, index)) part(child);
      multipart(structure_.descriptions[index].type, fields);
    } else {
      single(index, fields);
    }
    out_ += ')';
  }

  void multipart(const MediaType& type, const Fields& fields) {
    space();
    string(type.subtype);
    if (!extended_) return;
    space();
    parameters(type.parameters);
    extension(fields);
  }

  void single(std::uint32_t index, const Fields& fields) {
    const Extent& extent = structure_.layout[index];
    const MediaType& type = structure_.descriptions[index].type;
    string(type.type);
    space();
    string(type.subtype);
    space();
    parameters(type.parameters);
    space();
    append_nstring(out_, fields.id, client_);
    space();
    append_nstring(out_, fields.description, client_);
    space();
    string(encoding(extent, fields));
    space();
    out_ += std::to_string(extent.body_end - extent.body_begin);
    const bool message = type.is_message();
    if (message) {
      space();
      embedded(index);
    }
    if (message || type.is("text")) {
      space();
      out_ += std::to_string(extent.body_lines);
    }
    if (!extended_) return;
    space();
    append_nstring(out_, fields.md5, client_);
    extension(fields);
  }

  void embedded(std::uint32_t index) {
    if (structure_.layout[index].kind != PartKind::message) {
      out_ += envelope({}, client_);
      space();
      out_ += empty_text;
      return;
    }
    out_ += envelope(structure_.descriptions[index + 1].header, client_);
    space();
    part(index + 1);
  }

  /// The word of the field where it says something that the part was read by; what it must be, else.
  static std::string encoding(const Extent& extent, const Fields& fields) {
    switch (extent.encoding) {
      case Encoding::eight_bit:
        return "8BIT";
      case Encoding::binary:
        return "BINARY";
      case Encoding::quoted_printable:
        return "QUOTED-PRINTABLE";
      case Encoding::base64:
        return "BASE64";
      case Encoding::unknown:
        return fields.encoding.value_or("7BIT");
      case Encoding::seven_bit:
        break;
    }
    return "7BIT";
  }

  /// Disposition, language, location: in this order for every kind of part.
  void extension(const Fields& fields) {
    space();
    const auto disposition = fields.disposition ? parse_disposition(*fields.disposition) : std::nullopt;
    if (disposition) {
      out_ += '(';
      string(disposition->type);
      space();
      parameters(disposition->parameters);
      out_ += ')';
    } else {
      out_ += "NIL";
    }
    space();
    languages(fields);
    space();
    append_nstring(out_, fields.location, client_);
  }

  void languages(const Fields& fields) {
    const auto tags = fields.language ? parse_languages(*fields.language) : std::vector<std::string>();
    if (tags.empty()) {
      out_ += "NIL";
      return;
    }
    for (std::size_t i = 0; i < tags.size(); ++i) {
      out_ += i == 0 ? '(' : ' ';
      string(tags[i]);
    }
    out_ += ')';
  }

  /// "Servers SHOULD decode parameter-value continuations and parameter-value character sets". What had a character set
  /// is written as `name*` with UTF-8 in the syntax of RFC 2231, which a client knows what to do with.
  void parameters(const Parameters& list) {
    if (list.empty()) {
      out_ += "NIL";
      return;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      out_ += i == 0 ? '(' : ' ';
      string(list[i].extended ? list[i].name + '*' : list[i].name);
      space();
      string(list[i].extended ? extended_value(list[i]) : list[i].value);
    }
    out_ += ')';
  }

  void space() { out_ += ' '; }
  void string(std::string_view text) { append_string(out_, text, client_); }

  const Structure& structure_;
  bool extended_;
  Client client_;
  std::string out_;
};

}  // namespace

std::string body_structure(const Structure& structure, Detail detail, Client client) {
  return Writer(structure, detail, client).write();
}

}  // namespace mail::mime
