#include "mail/hooks/milter_packet.h"

#include <algorithm>

namespace mail::hooks::milter {

namespace {

constexpr std::size_t longest_packet = std::size_t{1} << 20;

std::uint32_t number_of(std::string_view octets) {
  std::uint32_t value = 0;
  for (const char c : octets) value = (value << 8U) | static_cast<unsigned char>(c);
  return value;
}

/// Takes numbers and texts off the front of a packet's data.
class Data {
 public:
  explicit Data(std::string_view data) : rest_(data) {}

  std::uint32_t number() {
    if (rest_.size() < 4) throw Failed("a packet of the filter is too short");
    const std::uint32_t value = number_of(rest_.substr(0, 4));
    rest_.remove_prefix(4);
    return value;
  }
  std::string text() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) throw Failed("a text of the filter has no end");
    std::string value(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return value;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::string without_brackets(std::string address) {
  if (address.size() >= 2 && address.front() == '<' && address.back() == '>') {
    return address.substr(1, address.size() - 2);
  }
  return address;
}

std::string address(Data& data) {
  std::string value = without_brackets(data.text());
  const auto good = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 127 && c != '<' && c != '>'; };
  if (!std::ranges::all_of(value, good)) throw Failed("an address of the filter can't be one");
  return value;
}

Reply plain(Reply::Kind kind) {
  Reply reply;
  reply.kind = kind;
  return reply;
}

Reply with_text(Reply::Kind kind, std::string text) {
  Reply reply;
  reply.kind = kind;
  reply.text = std::move(text);
  return reply;
}

/// "550 5.7.1 text". SMFIR_REPLYCODE
Reply reply_code(Data data) {
  const std::string line = data.text();
  const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
  if (line.size() < 3 || (line[0] != '4' && line[0] != '5') || !digit(1) || !digit(2)) {
    throw Failed("a reply of the filter has no code");
  }
  Reply reply = plain(line[0] == '5' ? Reply::Kind::reject : Reply::Kind::defer);
  reply.code = std::stoi(line.substr(0, 3));
  if (line.size() > 4) reply.text = line.substr(4);
  return reply;
}

Reply header(char code, Data data, const Negotiation& agreed) {
  using Kind = HeaderChange::Kind;
  Reply reply = plain(Reply::Kind::header);
  HeaderChange& change = reply.change;
  change.index = code == 'h' ? HeaderChange::at_end : data.number();
  change.name = data.text();
  change.value = data.text();
  if (code == 'm') change.kind = change.value.empty() ? Kind::remove : Kind::replace;
  // Where it has not asked for the white space after the colon, it gives none either.
  if ((agreed.steps & step::leading_space) == 0) change.value.insert(0, 1, ' ');
  if (change.kind == Kind::remove) change.value.clear();
  return reply;
}

void need(std::uint32_t one, const Negotiation& agreed) {
  if ((agreed.actions & one) == 0) throw Failed("the filter changes what it has not asked to change");
}

Reply parse_change(const Packet& packet, const Negotiation& agreed) {
  Data data(packet.data);
  switch (packet.code) {
    case 'h':
    case 'i':
      need(action::add_headers, agreed);
      return header(packet.code, data, agreed);
    case 'm':
      need(action::change_headers, agreed);
      return header(packet.code, data, agreed);
    case 'b':
      need(action::change_body, agreed);
      return with_text(Reply::Kind::body, packet.data);
    case 'e':
      need(action::change_sender, agreed);
      return with_text(Reply::Kind::sender, address(data));
    case '+':
      need(action::add_recipient, agreed);
      return with_text(Reply::Kind::add, address(data));
    case '2':
      need(action::add_recipient_with_parameters, agreed);
      return with_text(Reply::Kind::add, address(data));
    case '-':
      need(action::delete_recipient, agreed);
      return with_text(Reply::Kind::remove, address(data));
    case 'q':
      need(action::quarantine, agreed);
      return with_text(Reply::Kind::quarantine, data.text());
    default:
      throw Failed("the filter answers what is not known");
  }
}

}  // namespace

std::optional<Packet> PacketReader::next() {
  if (rest_.size() < 4) return std::nullopt;
  const std::uint32_t size = number_of(std::string_view(rest_).substr(0, 4));
  if (size == 0 || size > longest_packet) throw Failed("a packet of the filter has an impossible size");
  if (rest_.size() < 4 + std::size_t{size}) return std::nullopt;
  Packet packet{rest_[4], rest_.substr(5, size - 1)};
  rest_.erase(0, 4 + std::size_t{size});
  return packet;
}

std::string packet(char code, std::string_view data) {
  std::string out = number(static_cast<std::uint32_t>(data.size() + 1));
  out += code;
  return out.append(data);
}

std::string number(std::uint32_t value) {
  std::string out;
  for (unsigned shift = 32; shift > 0; shift -= 8) out += static_cast<char>((value >> (shift - 8)) & 0xFFU);
  return out;
}

std::string text(std::string_view value) {
  std::string out(value);
  std::erase(out, '\0');
  out += '\0';
  return out;
}

std::string negotiation(const Negotiation& offer) {
  return packet(Command::negotiate, number(offer.version) + number(offer.actions) + number(offer.steps));
}

Negotiation parse_negotiation(const Packet& packet) {
  if (packet.code != static_cast<char>(Command::negotiate)) throw Failed("the filter does not negotiate");
  Data data(packet.data);
  Negotiation agreed;
  agreed.version = data.number();
  agreed.actions = data.number();
  agreed.steps = data.number();
  // Lists of macros may follow; it is sent all there are.
  if (agreed.version < 2 || agreed.version > version) throw Failed("the filter speaks another version");
  if ((agreed.actions & ~action::all) != 0 || (agreed.steps & ~step::all) != 0) {
    throw Failed("the filter wants what was not offered");
  }
  return agreed;
}

Reply parse_reply(const Packet& packet, const Negotiation& agreed) {
  switch (packet.code) {
    case 'c':
      return plain(Reply::Kind::go_on);
    case 'a':
      return plain(Reply::Kind::accept);
    case 'r':
      return plain(Reply::Kind::reject);
    case 't':
    case '4':  // SMFIR_SHUTDOWN
    case 'f':  // SMFIR_CONN_FAIL
      return plain(Reply::Kind::defer);
    case 'd':
      return plain(Reply::Kind::discard);
    case 's':
      return plain(Reply::Kind::skip);
    case 'p':
      return plain(Reply::Kind::progress);
    case 'y':
      return reply_code(Data(packet.data));
    default:
      return parse_change(packet, agreed);
  }
}

}  // namespace mail::hooks::milter
