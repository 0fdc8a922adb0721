#include "mail/facts.h"

#include <algorithm>
#include <array>

#include "mail/mime/encoded_word.h"
#include "mail/mime/envelope.h"
#include "mail/mime/header.h"
#include "mail/mime/scanner.h"
#include "mail/mime/text.h"
#include "storage/failure.h"
#include "storage/signature.h"

namespace mail {

namespace {

constexpr std::size_t piece_size = 64 * 1024;

// What is packed: a version, marks, where each of the pieces ends, the length of the header, then the pieces. One for
// clients of UTF-8 is left empty where it is the same as the one before it.
constexpr char version = 1;
constexpr unsigned char mark_nul = 1;
constexpr unsigned char mark_header = 2;
enum Piece : std::size_t {
  envelope_rev1,
  envelope_utf8,
  body_rev1,
  body_utf8,
  body_structure_rev1,
  body_structure_utf8,
  preview_text,
  packed_layout,
  packed_keys,
  pieces,
};
constexpr std::size_t number_size = 4;
constexpr std::size_t table_begin = 2;
constexpr std::size_t header_length = table_begin + pieces * number_size;
constexpr std::size_t first_piece = header_length + number_size;

[[noreturn]] void fail() { throw storage::Failure(storage::Trouble::corrupt, "the facts of a message are damaged"); }

void put_number(std::string& out, std::size_t value) {
  if (value > 0xffffffffU) throw storage::Failure(storage::Trouble::refused, "too much is derived of a message");
  for (unsigned shift = 0; shift < 8 * number_size; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

std::size_t number_at(std::string_view packed, std::size_t at) {
  std::size_t value = 0;
  for (unsigned i = 0; i < number_size; ++i) value |= std::size_t{static_cast<unsigned char>(packed[at + i])} << 8 * i;
  return value;
}

std::string text_for(const std::string& rev1, std::string utf8) { return utf8 == rev1 ? std::string() : utf8; }

// Of sort keys.
constexpr char has_sent = 1;
constexpr char has_sent_day = 2;
constexpr char has_message_id = 4;
constexpr char is_reply = 8;

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

void put_integer(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  put_number(out, bits & 0xffffffffU);
  put_number(out, bits >> 32);
}

std::string pack(const mime::SortKeys& keys) {
  std::string out(1, static_cast<char>((keys.sent ? has_sent : 0) | (keys.sent_day ? has_sent_day : 0) |
                                       (keys.message_id ? has_message_id : 0) | (keys.is_reply ? is_reply : 0)));
  for (const std::string* text :
       {&keys.from, &keys.to, &keys.cc, &keys.display_from, &keys.display_to, &keys.base_subject}) {
    put_text(out, *text);
  }
  put_integer(out, keys.sent.value_or(0));
  put_integer(out, keys.sent_day.value_or(0));
  put_text(out, keys.message_id.value_or(""));
  for (const std::string& reference : keys.references) put_text(out, reference);
  return out;
}

/// Takes back what was put, in its order.
class Unpacker {
 public:
  explicit Unpacker(std::string_view octets) : octets_(octets) {}

  bool at_end() const { return octets_.empty(); }

  std::string_view take(std::size_t size) {
    if (size > octets_.size()) fail();
    const std::string_view taken = octets_.substr(0, size);
    octets_.remove_prefix(size);
    return taken;
  }
  std::size_t number() { return number_at(take(number_size), 0); }
  std::string text() { return std::string(take(number())); }
  std::int64_t integer() {
    const std::uint64_t low = number();
    return static_cast<std::int64_t>(low | std::uint64_t{number()} << 32);
  }

 private:
  std::string_view octets_;
};

std::vector<std::string> ids_of(const mime::SortKeys& keys) {
  std::vector<std::string> ids;
  if (keys.message_id) ids.push_back(*keys.message_id);
  ids.insert(ids.end(), keys.references.begin(), keys.references.end());
  return ids;
}

/// Whether search_text gives all text there is, and not only the beginning.
bool is_whole(const mime::Structure& structure, const mime::SearchText& text, const mime::TextLimits& limits) {
  const std::size_t all = text.subject.size() + text.from.size() + text.to.size() + text.headers.size() +
                          text.body.size() + text.attachments.size();
  if (structure.truncated || all >= limits.all / 2) return false;
  for (std::size_t part = 0; part < structure.layout.size(); ++part) {
    const bool is_text = structure.descriptions[part].type.is("text");
    if (is_text && structure.layout[part].decoded_size > limits.part) return false;
  }
  return true;
}

// What is looked for in headers may have a field's name in it, too.
void add_fields(storage::SignatureMaker& maker, const mime::Structure& structure) {
  for (const mime::Description& description : structure.descriptions) {
    mime::FieldReader reader(description.header);
    while (const auto field = reader.next()) {
      const std::string line = std::string(field->name) + ": " + mime::decode_words(mime::unfold(field->value));
      maker.add(storage::SearchIn::headers, mime::collation_key(line));
    }
  }
}

std::optional<std::string> signature_of(const mime::Structure& structure, const mime::ReadOctets& read) {
  const mime::TextLimits limits;
  const mime::SearchText text = mime::search_text(structure, read, limits);
  if (!is_whole(structure, text, limits)) return std::nullopt;
  storage::SignatureMaker maker;
  maker.add(storage::SearchIn::subject, mime::collation_key(text.subject));
  maker.add(storage::SearchIn::from, mime::collation_key(text.from));
  maker.add(storage::SearchIn::to, mime::collation_key(text.to));
  maker.add(storage::SearchIn::headers, mime::collation_key(text.headers));
  maker.add(storage::SearchIn::body, mime::collation_key(text.body));
  maker.add(storage::SearchIn::attachments, mime::collation_key(text.attachments));
  add_fields(maker, structure);
  return maker.finish();
}

storage::MessageFacts facts_of(std::uint64_t size, const mime::ReadOctets& read) {
  mime::Scanner scanner;
  for (std::uint64_t at = 0; at < size;) {
    const std::string piece = read(at, piece_size);
    if (piece.empty()) break;
    scanner.add(piece);
    at += piece.size();
  }
  const mime::Structure structure = scanner.finish();
  const std::string& header = structure.descriptions.front().header;
  const mime::SortKeys keys = mime::sort_keys(header);

  std::array<std::string, pieces> texts;
  texts[envelope_rev1] = mime::envelope(header, mime::Client::rev1);
  texts[envelope_utf8] = text_for(texts[envelope_rev1], mime::envelope(header, mime::Client::utf8));
  for (const std::size_t place : {body_rev1, body_structure_rev1}) {
    const auto detail = place == body_rev1 ? mime::Detail::body : mime::Detail::body_structure;
    texts[place] = mime::body_structure(structure, detail, mime::Client::rev1);
    texts[place + 1] = text_for(texts[place], mime::body_structure(structure, detail, mime::Client::utf8));
  }
  texts[preview_text] = mime::preview(structure, read);
  texts[packed_layout] = mime::pack(structure.layout);
  texts[packed_keys] = pack(keys);

  storage::MessageFacts facts;
  facts.edition = facts_edition;
  if (const std::uint64_t length = structure.layout.front().body_begin; length <= longest_kept_header) {
    facts.header = length == 0 ? std::string() : read(0, static_cast<std::size_t>(length)).substr(0, length);
  }
  facts.packed = version;
  facts.packed += static_cast<char>((structure.has_nul ? mark_nul : 0) | (facts.header ? mark_header : 0));
  std::size_t end = first_piece;
  for (const std::string& text : texts) put_number(facts.packed, end += text.size());
  put_number(facts.packed, facts.header ? facts.header->size() : 0);
  for (const std::string& text : texts) facts.packed += text;

  facts.message_ids = ids_of(keys);
  facts.signature = signature_of(structure, read);
  return facts;
}

std::string read_file(const storage::File& file, std::uint64_t offset, std::uint64_t length, std::uint64_t begin,
                      std::size_t size) {
  if (begin >= length) return {};
  std::string octets(static_cast<std::size_t>(std::min<std::uint64_t>(size, length - begin)), '\0');
  octets.resize(file.read(octets.data(), octets.size(), offset + begin));
  return octets;
}

std::string read_text(std::string_view text, std::uint64_t begin, std::size_t size) {
  return begin >= text.size() ? std::string() : std::string(text.substr(static_cast<std::size_t>(begin), size));
}

}  // namespace

storage::MessageFacts make_facts(const storage::Spool& message) {
  return facts_of(message.size(), [&](std::uint64_t begin, std::size_t size) {
    return message.in_memory() ? read_text(message.bytes(), begin, size)
                               : read_file(*message.file(), 0, message.size(), begin, size);
  });
}

storage::MessageFacts make_facts(const storage::Segment& message) {
  return facts_of(message.size(), [&](std::uint64_t begin, std::size_t size) {
    return message.file ? read_file(*message.file, message.offset, message.length, begin, size)
                        : read_text(message.bytes, begin, size);
  });
}

Facts::Facts(std::string_view packed) : packed_(packed) {
  if (packed.size() < first_piece || packed.front() != version) fail();
  std::size_t before = first_piece;
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t end = number_at(packed, table_begin + i * number_size);
    if (end < before || end > packed.size()) fail();
    before = end;
  }
}

std::string_view Facts::piece(std::size_t index) const {
  const std::size_t end = number_at(packed_, table_begin + index * number_size);
  const std::size_t begin = index == 0 ? first_piece : number_at(packed_, table_begin + (index - 1) * number_size);
  return packed_.substr(begin, end - begin);
}

std::string_view Facts::envelope(mime::Client client) const {
  const std::string_view utf8 = client == mime::Client::utf8 ? piece(envelope_utf8) : std::string_view();
  return utf8.empty() ? piece(envelope_rev1) : utf8;
}

std::string_view Facts::body_structure(mime::Detail detail, mime::Client client) const {
  const std::size_t place = detail == mime::Detail::body ? body_rev1 : body_structure_rev1;
  const std::string_view utf8 = client == mime::Client::utf8 ? piece(place + 1) : std::string_view();
  return utf8.empty() ? piece(place) : utf8;
}

std::string_view Facts::preview() const { return piece(preview_text); }

mime::Layout Facts::layout() const {
  auto layout = mime::unpack(piece(packed_layout));
  if (!layout) fail();
  return *std::move(layout);
}

bool Facts::has_nul() const { return (static_cast<unsigned char>(packed_[1]) & mark_nul) != 0; }

mime::SortKeys Facts::sort_keys() const {
  Unpacker unpacker(piece(packed_keys));
  const char marks = unpacker.take(1).front();
  mime::SortKeys keys;
  for (std::string* text : {&keys.from, &keys.to, &keys.cc, &keys.display_from, &keys.display_to, &keys.base_subject}) {
    *text = unpacker.text();
  }
  const std::int64_t sent = unpacker.integer();
  const std::int64_t sent_day = unpacker.integer();
  std::string message_id = unpacker.text();
  if ((marks & has_sent) != 0) keys.sent = sent;
  if ((marks & has_sent_day) != 0) keys.sent_day = sent_day;
  if ((marks & has_message_id) != 0) keys.message_id = std::move(message_id);
  keys.is_reply = (marks & is_reply) != 0;
  while (!unpacker.at_end()) keys.references.push_back(unpacker.text());
  return keys;
}

std::optional<std::string_view> Facts::header() const {
  const std::size_t begin = number_at(packed_, table_begin + (pieces - 1) * number_size);
  const bool kept = (static_cast<unsigned char>(packed_[1]) & mark_header) != 0;
  if (!kept || packed_.size() - begin != number_at(packed_, header_length)) return std::nullopt;
  return packed_.substr(begin);
}

}  // namespace mail
