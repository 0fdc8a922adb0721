#include "server/log.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

#include "server/utf8.h"

namespace server {

namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "info";
}

// sd-daemon(3): the priorities of syslog.
std::string_view priority_of(Level level) {
  switch (level) {
    case Level::debug:
      return "<7>";
    case Level::info:
      return "<6>";
    case Level::warning:
      return "<4>";
    case Level::error:
      return "<3>";
  }
  return "<6>";
}

std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis =
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> buffer{};
  std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  buffer[size++] = '.';
  for (const int digit : {millis / 100, millis / 10 % 10, millis % 10}) buffer[size++] = static_cast<char>('0' + digit);
  buffer[size++] = 'Z';
  return std::string(buffer.data(), size);
}

bool is_bare(std::string_view text) {
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && std::string_view("-._:/@+").find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

void append_hex_escape(std::string& out, unsigned octet) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[octet >> 4U];
  out += digits[octet & 15U];
}

// A JSON string, which is what logfmt's readers take too. Octets that are not UTF-8 appear as the escape of the
// character of that number; C1 controls and line separators are escaped, since terminals and readers act on them.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_sequence(text.substr(i));
    const std::string_view sequence = text.substr(i, length);
    i += length == 0 ? 1 : length;
    if (octet == '"' || octet == '\\') {
      out += '\\';
      out += static_cast<char>(octet);
    } else if (octet == '\n') {
      out += "\\n";
    } else if (octet == '\r') {
      out += "\\r";
    } else if (octet == '\t') {
      out += "\\t";
    } else if (length == 0 || octet < 0x20 || octet == 0x7F) {
      append_hex_escape(out, octet);
    } else if (length == 2 && octet == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0) {
      append_hex_escape(out, static_cast<unsigned char>(sequence[1]));
    } else if (sequence == "\u2028" || sequence == "\u2029") {
      out += sequence == "\u2028" ? "\\u2028" : "\\u2029";
    } else {
      out += sequence;
    }
  }
  out += '"';
}

void append_field(std::string& out, LogFormat format, const Field& field) {
  if (format == LogFormat::json) {
    out += out.size() > 1 ? ",\"" : "\"";
    out += field.name;
    out += "\":";
    if (field.form == Field::Form::number) {
      out += field.value;
    } else {
      append_quoted(out, field.value);
    }
    return;
  }
  if (!out.empty()) out += ' ';
  out += field.name;
  out += '=';
  if (field.form == Field::Form::number || (field.form == Field::Form::text && is_bare(field.value))) {
    out += field.value;
  } else {
    append_quoted(out, field.value);
  }
}

}  // namespace

Field::Field(std::string_view field_name, double number) : name(field_name), form(Form::number) {
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed, 3);
  value.assign(buffer.data(), result.ptr);
}

Field Field::quoted(std::string_view field_name, std::string_view text) {
  Field field(field_name, text);
  field.form = Form::quoted_text;
  return field;
}

std::string format_line(LogFormat format, Level level, std::string_view event, std::span<const Field> fields,
                        std::string_view time) {
  std::string out;
  const bool json = format == LogFormat::json;
  if (json) out += '{';
  if (json && !time.empty()) append_field(out, format, {"time", time});
  if (!json) out += time;
  append_field(out, format, {"level", name_of(level)});
  append_field(out, format, {"event", event});
  for (const Field& field : fields) append_field(out, format, field);
  if (json) out += '}';
  return out;
}

void Log::set_options(const LogOptions& options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
}

LogOptions Log::options() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

bool Log::wants(Level level) const { return level >= options().level; }

void Log::write(Level level, std::string_view event, std::span<const Field> fields) {
  const LogOptions current = options();
  if (level < current.level) return;
  const bool journal = current.target == LogTarget::journal;
  std::string line(journal ? priority_of(level) : std::string_view{});
  line += format_line(current.format, level, event, fields, journal ? std::string() : now_text());
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // Nobody can be told that the log is gone.
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

Log& log() {
  static Log instance;
  return instance;
}

}  // namespace server
