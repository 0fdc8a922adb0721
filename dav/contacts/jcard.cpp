#include "dav/contacts/jcard.h"

#include <array>

#include "dav/content/jcontent.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::Json;
using content::JsonRow;
using enum content::JsonShape;

// RFC 6350 6; and from those that add to it: RFC 6474 2, RFC 6715 2, RFC 9554 3. What only vCard 3.0 has (RFC 2426 3)
// stands among them with its type there.
constexpr std::array rows{
    JsonRow{"adr", "text", structured_lists},
    JsonRow{"anniversary", "date-and-or-time"},
    JsonRow{"bday", "date-and-or-time"},
    JsonRow{"birthplace", "text"},
    JsonRow{"caladruri", "uri"},
    JsonRow{"caluri", "uri"},
    JsonRow{"categories", "text", list},
    JsonRow{"class", "text"},
    JsonRow{"clientpidmap", "text", structured},
    JsonRow{"created", "timestamp"},
    JsonRow{"deathdate", "date-and-or-time"},
    JsonRow{"deathplace", "text"},
    JsonRow{"email", "text"},
    JsonRow{"expertise", "text"},
    JsonRow{"fburl", "uri"},
    JsonRow{"fn", "text"},
    JsonRow{"gender", "text", structured},
    JsonRow{"geo", "uri"},
    JsonRow{"gramgender", "text"},
    JsonRow{"hobby", "text"},
    JsonRow{"impp", "uri"},
    JsonRow{"interest", "text"},
    JsonRow{"key", "uri"},
    JsonRow{"kind", "text"},
    JsonRow{"label", "text"},
    JsonRow{"lang", "language-tag"},
    JsonRow{"language", "language-tag"},
    JsonRow{"logo", "uri"},
    JsonRow{"mailer", "text"},
    JsonRow{"member", "uri"},
    JsonRow{"n", "text", structured_lists},
    JsonRow{"name", "text"},
    JsonRow{"nickname", "text", list},
    JsonRow{"note", "text"},
    JsonRow{"org", "text", structured},
    JsonRow{"org-directory", "uri"},
    JsonRow{"photo", "uri"},
    JsonRow{"prodid", "text"},
    JsonRow{"profile", "text"},
    JsonRow{"pronouns", "text"},
    JsonRow{"related", "uri"},
    JsonRow{"rev", "timestamp"},
    JsonRow{"role", "text"},
    JsonRow{"socialprofile", "uri"},
    JsonRow{"sort-string", "text"},
    JsonRow{"sound", "uri"},
    JsonRow{"source", "uri"},
    JsonRow{"tel", "text"},
    JsonRow{"title", "text"},
    JsonRow{"tz", "text"},
    JsonRow{"uid", "uri"},
    JsonRow{"url", "uri"},
    JsonRow{"version", "text"},
    JsonRow{"xml", "text"},
};

static_assert(content::in_order(rows), "the rows are searched by name");

constexpr content::JsonFormat format{content::Dialect::vcard, rows};

// RFC 7095 3.2
void append_lines(std::string& out, const Json& json) {
  const bool good = json.is(Json::Kind::array) && json.items.size() == 2 && json.items[1].is(Json::Kind::array);
  if (!good) throw content::MalformedJson(json.offset, "a card is its name and its properties");
  const std::string name = content::component_name_of_json(json.items[0]);
  content::append_folded(out, "BEGIN:" + name);
  for (const Json& property : json.items[1].items) content::append_line_of_json(out, property, format);
  content::append_folded(out, "END:" + name);
}

}  // namespace

// RFC 7095 3.3.1.1: "the "version" property MUST be the first element of the array".
std::string to_jcard(const content::Component& card) {
  std::string out;
  out.reserve(card.raw.size() * 3 / 2);
  out += '[';
  content::append_json_string(out, content::json_name(card.name));
  out += ",[";
  const content::Property* version = card.find("VERSION");
  bool first = true;
  const auto append = [&](const content::Property& property) {
    if (!first) out += ',';
    first = false;
    content::append_json_property(out, property, format);
  };
  if (version != nullptr) append(*version);
  for (const auto& property : card.properties) {
    if (&property != version) append(property);
  }
  out += "]]";
  return out;
}

std::string from_jcard(std::string_view text) {
  const Json json = content::parse_json(text);
  std::string out;
  // RFC 7095 3.2: several cards stand in an array.
  const bool stream = json.is(Json::Kind::array) && !json.items.empty() && json.items[0].is(Json::Kind::array);
  if (!stream) {
    append_lines(out, json);
  } else {
    for (const Json& card : json.items) append_lines(out, card);
  }
  return out;
}

content::Json jcard_properties(const std::vector<Line>& lines) {
  const auto document = content::Document::parse(write_card(lines, Version::v4), content::Dialect::vcard);
  std::string text = "[";
  for (const auto& property : document.components().front().properties) {
    if (property.is("VERSION")) continue;
    if (text.size() > 1) text += ',';
    content::append_json_property(text, property, format);
  }
  return content::parse_json(text += ']', {.depth = 8, .values = 50'000'000});
}

std::vector<Line> lines_of_properties(const content::Json& properties) {
  std::string text = "BEGIN:VCARD\r\n";
  for (const Json& property : properties.items) content::append_line_of_json(text, property, format);
  const auto document = content::Document::parse(text += "END:VCARD\r\n", content::Dialect::vcard);
  return read_lines(document.components().front(), Version::v4);
}

}  // namespace dav::contacts
