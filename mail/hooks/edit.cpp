#include "mail/hooks/edit.h"

#include <algorithm>

#include "mail/mime/header.h"

namespace mail::hooks {

namespace {

constexpr std::size_t piece_octets = 64 * 1024;
constexpr std::size_t most_header = std::size_t{1} << 20;
constexpr std::size_t most_changes = 10'000;
constexpr std::size_t most_recipients = 10'000;

/// A header taken apart: its fields, and the empty line.
struct Fields {
  struct One {
    std::string name;
    std::string whole;
  };
  std::vector<One> all;
  std::string end;

  explicit Fields(std::string_view header) {
    mime::FieldReader reader(header);
    std::size_t used = 0;
    while (const auto field = reader.next()) {
      all.push_back({mime::lower_case(field->name), std::string(field->whole)});
      used += field->whole.size();
    }
    end = header.substr(std::min(used, header.size()));
    if (end.empty()) end = "\r\n";
    if (!all.empty() && !all.back().whole.ends_with('\n')) all.back().whole += "\r\n";
  }

  /// The field of that name, counted from 1.
  std::vector<One>::iterator find(std::string_view name, std::uint32_t index) {
    const std::string lower = mime::lower_case(name);
    return std::find_if(all.begin(), all.end(),
                        [&](const One& one) { return one.name == lower && (index <= 1 || --index == 0); });
  }
};

void change(Fields& fields, const HeaderChange& change) {
  using Kind = HeaderChange::Kind;
  if (change.kind == Kind::remove) {
    const auto found = fields.find(change.name, change.index);
    if (found != fields.all.end()) fields.all.erase(found);
    return;
  }
  Fields::One made{mime::lower_case(change.name), field_text(change.name, change.value)};
  if (change.kind == Kind::replace) {
    const auto found = fields.find(change.name, change.index);
    if (found == fields.all.end()) {
      fields.all.push_back(std::move(made));
    } else {
      *found = std::move(made);
    }
    return;
  }
  const auto place = std::min<std::size_t>(change.index, fields.all.size());
  fields.all.insert(fields.all.begin() + static_cast<std::ptrdiff_t>(place), std::move(made));
}

}  // namespace

void read_pieces(const storage::Spool& spool, std::uint64_t from, const std::function<void(std::string_view)>& take) {
  if (spool.in_memory()) {
    if (from < spool.size()) take(spool.bytes().substr(from));
    return;
  }
  std::string buffer(piece_octets, '\0');
  for (std::uint64_t at = from; at < spool.size();) {
    const std::size_t count = spool.file()->read(buffer.data(), buffer.size(), at);
    if (count == 0) break;
    take(std::string_view(buffer).substr(0, count));
    at += count;
  }
}

std::string header_of(const storage::Spool& message) {
  std::string header;
  if (message.in_memory()) {
    header = message.bytes().substr(0, most_header);
  } else {
    header.resize(std::min<std::uint64_t>(most_header, message.size()));
    header.resize(message.file()->read(header.data(), header.size(), 0));
  }
  for (std::size_t line = 0; line < header.size();) {
    const std::size_t end = header.find('\n', line);
    if (end == std::string::npos) break;
    if (mime::is_blank_line(std::string_view(header).substr(line, end + 1 - line))) return header.substr(0, end + 1);
    line = end + 1;
  }
  if (message.size() > header.size()) throw Failed("the header is too long");
  return header;
}

std::string field_text(std::string_view name, std::string_view value) {
  const auto good = [](char c) { return c > 32 && c < 127 && c != ':'; };  // RFC 5322 2.2
  if (name.empty() || !std::ranges::all_of(name, good)) throw Failed("it names a field that can't be one");
  std::string out = std::string(name) + ":";
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\0') continue;
    if (c != '\r' && c != '\n') {
      out += c;
      continue;
    }
    if (c == '\r' && value.substr(i).starts_with("\r\n")) ++i;
    // A line of nothing would end the header: only what begins with white space and holds more continues a field.
    const std::size_t text = value.find_first_not_of(std::string_view(" \t\r\n\0", 5), i + 1);
    if (text == std::string_view::npos) break;
    const std::size_t line = value.find_last_of("\r\n", text) + 1;
    out += "\r\n";
    if (line == text) out += '\t';
    i = line - 1;
  }
  return out + "\r\n";
}

std::string changed_header(std::string_view header, std::span<const HeaderChange> changes) {
  if (changes.size() > most_changes) throw Failed("it wants too many changes");
  Fields fields(header);
  for (const HeaderChange& one : changes) change(fields, one);
  std::string out;
  for (const Fields::One& one : fields.all) out += one.whole;
  if (out.size() > 2 * most_header) throw Failed("it makes the header too long");
  return out + fields.end;
}

void apply(const Verdict& verdict, Passing& passing, const std::string& spool_directory) {
  if (verdict.added_recipients.size() > most_recipients) throw Failed("it adds too many recipients");
  if (!verdict.changes.empty() || verdict.body) {
    const std::string header = header_of(passing.message);
    storage::Spool made(spool_directory);
    made.append(changed_header(header, verdict.changes));
    if (verdict.body) {
      made.append(*verdict.body);
    } else {
      read_pieces(passing.message, header.size(), [&](std::string_view piece) { made.append(piece); });
    }
    passing.message = std::move(made);
  }
  if (verdict.sender) passing.sender = *verdict.sender;
  auto& recipients = passing.recipients;
  for (const std::string& one : verdict.removed_recipients) std::erase(recipients, one);
  for (const std::string& one : verdict.added_recipients) {
    if (std::ranges::find(recipients, one) == recipients.end()) recipients.push_back(one);
  }
}

}  // namespace mail::hooks
