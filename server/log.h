#pragma once

// What stands in the log.
//
// One line is one thing that happened. With `format = "logfmt"` it reads
//
//   2026-01-31T12:00:00.123Z level=warning event=login-failed account="ada" client=192.0.2.7 reason="wrong password"
//
// with `format = "json"` it is an object with the same names ("time", "level", "event", …). Values are bare words of
// letters, digits and -._:/@+ or quoted, with \" \\ \n \r \t and \u00XX as escapes: whatever a client sends, a line
// stays one line, and no value can look like another field.
//
// A request is `event=request` with id, client, account, method, path, status, in, out (octets of the bodies), ms,
// agent, and refusal where it was refused. Security events are these; programs such as fail2ban may rely on their form:
//
//   event=login-failed     account client reason agent   a wrong password, an unknown or disabled account
//   event=login-throttled  account client retry_after    too many failures: not even looked at
//   event=login-malformed  client reason                 an Authorization field that can't be read
//   event=link-unknown     client                        a secret link that isn't one, or not any more
//   event=link-throttled   client retry_after            too many of them
//   event=scope-denied     account client credential     an app password used for what it isn't for
//
// In all of them `account` is always quoted and `client` never is.

#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace server {

enum class Level { debug, info, warning, error };
enum class LogFormat { logfmt, json };
enum class LogTarget {
  stderr_,  ///< with the time in front
  journal,  ///< stderr read by systemd: a priority "<6>" in front instead (sd-daemon(3))
};

struct LogOptions {
  Level level = Level::info;
  LogFormat format = LogFormat::logfmt;
  LogTarget target = LogTarget::stderr_;
  bool requests = true;  ///< a line for every request
};

/// One name and value of a line.
struct Field {
  enum class Form { text, quoted_text, number };

  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text), form(Form::text) {}
  Field(std::string_view field_name, const char* text) : Field(field_name, std::string_view(text)) {}
  Field(std::string_view field_name, const std::string& text) : Field(field_name, std::string_view(text)) {}
  template <class T>
  requires std::is_integral_v<T> Field(std::string_view field_name, T number)
      : name(field_name), value(std::to_string(number)), form(Form::number) {}
  Field(std::string_view field_name, double number);

  /// A text that is quoted whatever stands in it.
  static Field quoted(std::string_view field_name, std::string_view text);

  std::string_view name;
  std::string value;
  Form form;
};

using Fields = std::initializer_list<Field>;

/// A line without its time, priority and end.
std::string format_line(LogFormat format, Level level, std::string_view event, std::span<const Field> fields,
                        std::string_view time = {});

/// Where lines go. Safe for use by many threads; each line is written by one write(2).
class Log {
 public:
  void set_options(const LogOptions& options);
  LogOptions options() const;
  bool wants(Level level) const;
  void write(Level level, std::string_view event, std::span<const Field> fields);

 private:
  mutable std::mutex mutex_;
  LogOptions options_;
};

/// The process's log, its one global.
Log& log();

inline void log_debug(std::string_view event, Fields fields = {}) {
  log().write(Level::debug, event, {fields.begin(), fields.size()});
}
inline void log_info(std::string_view event, Fields fields = {}) {
  log().write(Level::info, event, {fields.begin(), fields.size()});
}
inline void log_warning(std::string_view event, Fields fields = {}) {
  log().write(Level::warning, event, {fields.begin(), fields.size()});
}
inline void log_error(std::string_view event, Fields fields = {}) {
  log().write(Level::error, event, {fields.begin(), fields.size()});
}

}  // namespace server
