#include "server/config_slots.h"

#include <charconv>

#include "storage/names.h"
#include "web/site.h"

namespace server::slots {

namespace {

std::string milliseconds_text(std::int64_t number) { return duration_text(std::chrono::milliseconds(number)); }

std::string texts_text(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& one : texts) out += (out.empty() ? "" : ", ") + in_quotes(one);
  return "[" + out + "]";
}

}  // namespace

std::string in_quotes(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7F) {
      out += "\\u00";
      out += digits[octet >> 4U];
      out += digits[octet & 15U];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

void check_range(std::int64_t value, std::int64_t least, std::int64_t most, std::string (*text)(std::int64_t)) {
  if (value >= least && value <= most) return;
  throw std::invalid_argument("this must be from " + text(least) + " to " + text(most));
}

std::string number_text(std::int64_t number) { return std::to_string(number); }

Slot flag(bool& field) {
  return {[&field](const Value& value) { field = expect<bool>(value, "true or false"); },
          [&field] { return std::string(field ? "true" : "false"); }};
}

Slot duration(const std::function<void(std::chrono::milliseconds)>& set,
              const std::function<std::chrono::milliseconds()>& get, std::chrono::milliseconds least,
              std::chrono::milliseconds most, std::chrono::milliseconds unit) {
  return {[=](const Value& value) {
            const auto given = parse_duration(expect<std::string>(value, "a duration, as in \"10 min\""));
            check_range(given.count(), least.count(), most.count(), milliseconds_text);
            if (given.count() % unit.count() != 0)
              throw std::invalid_argument("this must be a number of whole seconds");
            set(given);
          },
          [=] { return in_quotes(duration_text(get())); }};
}

Slot seconds(std::int64_t& field, std::chrono::milliseconds least, std::chrono::milliseconds most) {
  return duration([&field](std::chrono::milliseconds given) { field = given.count() / 1000; },
                  [&field] { return std::chrono::milliseconds(std::chrono::seconds(field)); }, least, most,
                  std::chrono::seconds(1));
}

void any_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) throw std::invalid_argument("this must not hold a NUL");
}

void non_empty_text(std::string_view text) {
  if (text.empty()) throw std::invalid_argument("this must not be empty");
  any_text(text);
}

void absolute_folder_or_none(std::string_view text) {
  any_text(text);
  if (!text.empty() && text.front() != '/') throw std::invalid_argument("this must be an absolute path");
}

void host_or_none(std::string_view text) {
  for (const char c : text) {
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (!good) throw std::invalid_argument("this must be a host name, without a port");
  }
}

void mail_domain(std::string_view text) {
  if (!web::is_domain(storage::lower_case(text))) {
    throw std::invalid_argument(in_quotes(text) + " is no mail domain, as in \"example.org\"");
  }
}

void date_time(std::string_view text) {
  static constexpr std::string_view form = "00000000T000000Z";
  bool good = text.size() == form.size();
  for (std::size_t i = 0; good && i < form.size(); ++i) {
    good = form[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
  }
  if (!good) throw std::invalid_argument("this must be a UTC date-time of iCalendar, as in \"19000101T000000Z\"");
}

void endpoint(std::string_view text) { static_cast<void>(parse_endpoint(text)); }

// Or the path of a local socket, which the system allows 107 octets.
void endpoint_or_socket(std::string_view text) {
  if (!text.starts_with('/')) return endpoint(text);
  any_text(text);
  if (text.size() > 107) throw std::invalid_argument("the path of a local socket must not be longer than 107 octets");
}

void host_and_port_or_none(std::string_view text) {
  if (text.empty()) return;
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const bool good = colon != std::string_view::npos && colon > 0 &&
                    std::from_chars(text.data() + colon + 1, end, port).ptr == end && port > 0;
  if (!good) throw std::invalid_argument("this must be a host and a port, as in \"mail.example.org:587\"");
}

void block(std::string_view text) {
  if (!Cidr::parse(text)) {
    throw std::invalid_argument(in_quotes(text) + " is neither an address nor a block, as in \"192.0.2.0/24\"");
  }
}

Slot text(std::string& field, Check check) {
  return {[&field, check](const Value& value) {
            const auto& given = expect<std::string>(value, "a text in quotes");
            check(given);
            field = given;
          },
          [&field] { return in_quotes(field); }};
}

Slot texts(std::vector<std::string>& field, Check check) {
  return {[&field, check](const Value& value) {
            const auto& given = expect<std::vector<std::string>>(value, "a list of texts, as in [\"one\", \"two\"]");
            for (const std::string& one : given) check(one);
            field = given;
          },
          [&field] { return texts_text(field); }};
}

Slot certificates(std::vector<CertificateFiles>& field) {
  return {[&field](const Value& value) {
            // An empty list has no type.
            if (const auto* none = std::get_if<std::vector<std::string>>(&value); none != nullptr && none->empty()) {
              field.clear();
              return;
            }
            field = expect<std::vector<CertificateFiles>>(
                value, "a list of certificates, as in [{ chain = \"FILE\", key = \"FILE\" }]");
          },
          [&field] {
            std::string out;
            for (const CertificateFiles& one : field) {
              out += out.empty() ? "" : ", ";
              out += "{ chain = " + in_quotes(one.chain) + ", key = " + in_quotes(one.key) + " }";
            }
            return "[" + out + "]";
          }};
}

}  // namespace server::slots
