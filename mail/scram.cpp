#include "mail/scram.h"

#include <openssl/rand.h>

#include <array>
#include <utility>

#include "storage/accounts.h"
#include "storage/failure.h"

namespace mail {

namespace {

constexpr std::size_t longest_message = 4096;
constexpr std::size_t nonce_octets = 18;

/// Takes what stands before the next comma, and the comma.
std::string_view take(std::string_view& rest) {
  const std::size_t comma = rest.find(',');
  const std::string_view part = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  return part;
}

/// A value of an attribute that must be this one.
std::optional<std::string_view> value_of(std::string_view part, std::string_view attribute) {
  if (!part.starts_with(attribute)) return std::nullopt;
  return part.substr(attribute.size());
}

/// RFC 5802 5.1: `=2C` and `=3D` stand for a comma and an equals sign; any other `=` is a fault.
std::optional<std::string> decode_name(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
      continue;
    }
    const std::string_view code = text.substr(i, 3);
    if (code != "=2C" && code != "=3D") return std::nullopt;
    out += code == "=2C" ? ',' : '=';
    i += 2;
  }
  if (out.empty() || out.find('\0') != std::string::npos) return std::nullopt;
  return out;
}

bool is_nonce(std::string_view text) {
  for (const char c : text) {
    if (c < '!' || c > '~' || c == ',') return false;
  }
  return !text.empty();
}

std::string make_nonce() {
  std::array<unsigned char, nonce_octets> octets;
  if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
    throw storage::Failure(storage::Trouble::unavailable, "no random numbers");
  }
  return encode_sasl({reinterpret_cast<const char*>(octets.data()), octets.size()});
}

class Scram final : public SaslExchange {
 public:
  explicit Scram(const Services& services) : services_(services) {}

  Step respond(std::optional<std::string_view> response) override {
    if (!response) return first_.bare.empty() ? Step::challenge : Step::malformed;
    return first_.bare.empty() ? begin(*response) : finish(*response);
  }

 private:
  Step begin(std::string_view message) {
    auto first = parse_scram_first(message);
    if (!first) return Step::malformed;
    first_ = *std::move(first);
    const auto [salt, iterations] = services_.accounts.scram_salt(first_.name);
    nonce_ = first_.nonce + make_nonce();
    challenge_ = "r=" + nonce_ + ",s=" + encode_sasl(salt) + ",i=" + std::to_string(iterations);
    return Step::challenge;
  }

  Step finish(std::string_view message) {
    auto last = parse_scram_final(message);
    if (!last || last->nonce != nonce_ || last->binding != first_.header) return Step::malformed;
    credentials_.authorize_as = first_.authorize_as;
    credentials_.name = first_.name;
    credentials_.proof = {first_.bare + "," + challenge_ + "," + last->without_proof, std::move(last->proof)};
    return Step::credentials;
  }

  const Services& services_;
  ScramFirst first_;
  std::string nonce_;
};

}  // namespace

std::optional<ScramFirst> parse_scram_first(std::string_view message) {
  if (message.size() > longest_message) return std::nullopt;
  ScramFirst first;
  std::string_view rest = message;
  // `y`: the client would bind to the channel, but thinks that the server can't; it is right.
  const std::string_view binding = take(rest);
  if (binding != "n" && binding != "y") return std::nullopt;
  const std::string_view authorize_as = take(rest);
  if (!authorize_as.empty()) {
    const auto value = value_of(authorize_as, "a=");
    const auto name = value ? decode_name(*value) : std::nullopt;
    if (!name) return std::nullopt;
    first.authorize_as = *name;
  }
  first.bare = rest;
  first.header = message.substr(0, message.size() - rest.size());
  // An attribute `m` would stand here, and mean what isn't understood.
  const auto name = value_of(take(rest), "n=");
  const auto decoded = name ? decode_name(*name) : std::nullopt;
  const auto nonce = value_of(take(rest), "r=");
  if (!decoded || !nonce || !is_nonce(*nonce)) return std::nullopt;
  first.name = *decoded;
  first.nonce = *nonce;
  return first;
}

std::optional<ScramFinal> parse_scram_final(std::string_view message) {
  if (message.size() > longest_message) return std::nullopt;
  const std::size_t mark = message.rfind(",p=");
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view rest = message.substr(0, mark);
  ScramFinal last;
  last.without_proof = rest;
  const auto binding = value_of(take(rest), "c=");
  const auto decoded = binding ? decode_sasl(*binding) : std::nullopt;
  const auto nonce = value_of(take(rest), "r=");
  const auto proof = decode_sasl(message.substr(mark + 3));
  if (!decoded || !nonce || !proof) return std::nullopt;
  last.binding = *decoded;
  last.nonce = *nonce;
  last.proof = *proof;
  return last;
}

std::string scram_signature(std::string_view signature) { return "v=" + encode_sasl(signature); }

std::unique_ptr<SaslExchange> begin_scram(const Services& services) { return std::make_unique<Scram>(services); }

}  // namespace mail
