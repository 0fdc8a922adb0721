#include "mail/dkim/signer.h"

#include <algorithm>
#include <array>
#include <map>

#include "mail/mime/header.h"

namespace mail::dkim {

namespace {

constexpr std::size_t most_header = std::size_t{1} << 20;
constexpr std::size_t line_width = 72;

/// Signed, and sealed against another one. From first: it must be. RFC 6376 5.4
constexpr std::array<std::string_view, 12> sealed{
    "From",     "To",          "Cc",         "Subject",      "Date",         "Message-ID",
    "Reply-To", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};

/// Signed where they are: lists and those who send a message again add them with good reason. RFC 6376 5.4.1
constexpr std::array<std::string_view, 16> signed_if_there{
    "Sender",
    "Content-ID",
    "Content-Description",
    "Resent-Date",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Message-ID",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
    "List-Unsubscribe-Post",
};

/// "h=From:To:…" on lines of a bearable length. White space may stand around the colons. RFC 6376 3.5
std::string name_list(std::span<const std::string> names) {
  std::string out = "h=";
  std::size_t width = 8 + out.size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string one = names[i] + (i + 1 < names.size() ? ":" : ";");
    if (width + one.size() > line_width) {
      out += "\r\n\t ";
      width = 9;
    }
    out += one;
    width += one.size();
  }
  return out;
}

/// A signature on lines of a bearable length. White space in it is ignored. RFC 6376 3.5
std::string folded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (!out.empty()) out += "\r\n\t ";
    const std::size_t count = std::min(text.size(), line_width - 12);
    out += text.substr(0, count);
    text.remove_prefix(count);
  }
  return out;
}

}  // namespace

std::string signed_octets(Canonicalization way, std::string_view header, std::span<const std::string> names,
                          std::string_view signature_field) {
  // The fields of a name, the topmost first.
  std::map<std::string, std::vector<std::string_view>> fields;
  mime::FieldReader reader(header);
  while (const auto field = reader.next()) fields[mime::lower_case(field->name)].push_back(field->whole);
  std::string out;
  for (const std::string& name : names) {
    auto& left = fields[mime::lower_case(name)];
    if (left.empty()) continue;
    out += canonical_field(way, left.back());
    left.pop_back();
  }
  out += canonical_field(way, signature_field);
  out.resize(out.size() - 2);  // RFC 6376 3.7: the signature's field is without its CRLF.
  return out;
}

std::vector<std::string> signed_names(std::string_view header) {
  std::map<std::string, std::size_t> count;
  mime::FieldReader reader(header);
  while (const auto field = reader.next()) ++count[mime::lower_case(field->name)];
  std::vector<std::string> names;
  const auto add = [&](std::string_view name, std::size_t more) {
    const auto found = count.find(mime::lower_case(name));
    names.insert(names.end(), (found == count.end() ? 0 : found->second) + more, std::string(name));
  };
  for (const std::string_view name : sealed) add(name, 1);
  for (const std::string_view name : signed_if_there) add(name, 0);
  return names;
}

Signer::Signer(std::vector<Identity> identities, Manner manner)
    : identities_(std::move(identities)),
      manner_(manner),
      body_(manner.body, [this](std::string_view octets) { body_hash_.add(octets); }) {}

void Signer::add(std::string_view piece) {
  while (!in_body_ && !piece.empty()) {
    const std::size_t end = piece.find('\n');
    const std::size_t count = end == std::string_view::npos ? piece.size() : end + 1;
    if (header_.size() + count > most_header) throw CannotSign("the header is too long");
    header_ += piece.substr(0, count);
    piece.remove_prefix(count);
    if (end == std::string_view::npos) return;
    in_body_ = mime::is_blank_line(std::string_view(header_).substr(line_));
    line_ = header_.size();
  }
  body_.add(piece);
}

std::vector<SignatureField> Signer::finish() {
  body_.finish();
  if (!mime::first_value(header_, "From")) throw CannotSign("the message has no From");  // RFC 6376 5.4
  const std::string hash = base64(body_hash_.finish());
  const std::vector<std::string> names = signed_names(header_);
  std::vector<SignatureField> out;
  for (const Identity& identity : identities_) out.push_back(signature(identity, names, hash));
  return out;
}

SignatureField Signer::signature(const Identity& identity, std::span<const std::string> names,
                                 const std::string& body_hash) const {
  const std::string name = "DKIM-Signature";
  std::string value = " v=1; a=" + std::string(name_of(identity.key->algorithm()));
  value += "; c=" + std::string(name_of(manner_.header)) + "/" + std::string(name_of(manner_.body)) + ";\r\n\t";
  value += "d=" + identity.domain + "; s=" + identity.selector + ";";
  if (manner_.time > 0) value += " t=" + std::to_string(manner_.time) + ";";
  value += "\r\n\t" + name_list(names) + "\r\n\tbh=" + body_hash + ";\r\n\tb=";
  Hash hash;
  hash.add(signed_octets(manner_.header, header_, names, name + ":" + value));
  return {name, value + folded(base64(identity.key->sign(hash.finish())))};
}

}  // namespace mail::dkim
