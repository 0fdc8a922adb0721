#include "mail/smtp/intake.h"

#include <algorithm>

#include "mail/mime/header.h"
#include "storage/failure.h"

namespace mail::smtp {

Intake::Intake(std::string spool_directory, std::uint64_t most_octets, Front front)
    : front_(std::move(front)), most_(most_octets), spool_(spool_directory), directory_(std::move(spool_directory)) {}

void Intake::append(std::string_view bytes) {
  if (refusal_) return;
  received_ += bytes.size();
  if (received_ > most_) return refuse(reply::too_large);
  if (!eight_bit_) eight_bit_ = std::any_of(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) != 0; });
  try {
    if (in_body_) return spool_.append(bytes);
    header_ += bytes;
    if (complete()) end_header();
  } catch (const Refused& refused) {
    refuse(refused.reply());
  } catch (const storage::Failure& failure) {
    refuse(failure.trouble() == storage::Trouble::full ? reply::disk_full : reply::trouble);
  }
}

void Intake::refuse(const Reply& reply) {
  refusal_ = reply;
  header_ = {};
  spool_ = storage::Spool(directory_);
}

/// Whether the header is whole; then `line_` is where it ends.
bool Intake::complete() {
  while (true) {
    const std::size_t feed = header_.find('\n', line_);
    if (feed == std::string::npos) break;
    const bool blank = mime::is_blank_line(std::string_view(header_).substr(line_, feed + 1 - line_));
    line_ = feed + 1;
    if (blank) return true;
  }
  if (header_.size() <= most_header) return false;
  throw Refused(reply::header_too_large);
}

void Intake::end_header() {
  const std::string body = header_.substr(line_);
  header_.resize(line_);
  header_ = front_(header_);
  in_body_ = true;
  spool_.append(header_);
  spool_.append(body);
}

storage::Spool Intake::finish() {
  try {
    if (!refusal_ && !in_body_) {
      line_ = header_.size();
      end_header();
    }
  } catch (const storage::Failure& failure) {
    refuse(failure.trouble() == storage::Trouble::full ? reply::disk_full : reply::trouble);
  }
  if (refusal_) throw Refused(*refusal_);
  return std::move(spool_);
}

}  // namespace mail::smtp
