#include "storage/blobs.h"
#include "storage/failure.h"
#include "storage/sql/change.h"
#include "storage/sql/database.h"
#include "storage/store.h"

namespace storage {

constexpr const char* upsert_blob =
    "INSERT INTO blob (hash, size, place, bytes, uses) VALUES ($1, $2, $3, $4, 1) "
    "ON CONFLICT (hash) DO UPDATE SET uses = blob.uses + 1 RETURNING id, place";

sql::Use Transaction::start_blob(const StagedBlob& blob) {
  const bool small = blob.file == nullptr;
  auto upsert = connection_.prepare(upsert_blob);
  upsert->bind_bytes(1, blob.hash).bind(2, blob.size).bind(3, small ? sql::place_row : sql::place_file);
  small ? upsert->bind_bytes(4, blob.bytes) : upsert->bind_null(4);
  upsert->start();
  return upsert;
}

Id Transaction::finish_blob(sql::Statement& started, const StagedBlob& blob) {
  started.step();
  // The row is ours until the commit: nobody collects the file from here on, but it may have been collected between
  // staging and now.
  if (started.integer(1) == sql::place_file) blobs_.keep(blob);
  return started.integer(0);
}

Id Transaction::use_blob(const StagedBlob& blob) {
  const auto started = start_blob(blob);
  return finish_blob(*started, blob);
}

constexpr const char* select_blob = "SELECT hash, size, place, bytes FROM blob WHERE id = $1";

Segment Transaction::content(const Member& member) {
  Segment segment;
  segment.bytes = member.bytes;  // also of what is not in the store
  if (member.blob == 0 || !member.bytes.empty()) return segment;
  const auto row = connection_.prepare(select_blob);
  row->bind(1, member.blob);
  if (!row->step()) throw Failure(Trouble::corrupt, "the bytes of a member are gone");
  if (row->integer(2) == sql::place_row) {
    segment.bytes = row->bytes(3);
  } else {
    segment.file = blobs_.open(row->bytes(0));
    segment.length = static_cast<std::uint64_t>(row->integer(1));
    if (!segment.file) throw Failure(Trouble::corrupt, "a blob's file is gone: " + to_hex(row->bytes(0)));
  }
  return segment;
}

std::string Transaction::bytes(const Member& member) {
  if (!member.bytes.empty() || member.size == 0) return member.bytes;
  const Segment segment = content(member);
  if (!segment.file) return segment.bytes;
  std::string bytes(segment.length, '\0');
  bytes.resize(segment.file->read(bytes.data(), bytes.size(), segment.offset));
  return bytes;
}

}  // namespace storage
