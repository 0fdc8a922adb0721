#include <algorithm>

#include "storage/secrets.h"
#include "storage/sql/database.h"
#include "storage/store.h"

#define PILEUS_ATTACHMENT_COLUMNS \
  "t.id, t.account, t.managed_id, t.blob, b.hash, t.name, t.media_type, t.size, t.created, t.uses"

namespace storage {

namespace {

Attachment read_attachment(const sql::Statement& row) {
  Attachment attachment;
  attachment.id = row.integer(0);
  attachment.account = row.integer(1);
  attachment.managed_id = row.text(2);
  attachment.blob = row.integer(3);
  StagedBlob blob;
  blob.hash = row.bytes(4);
  attachment.etag = blob.etag();
  attachment.name = row.text(5);
  attachment.media_type = row.text(6);
  attachment.size = row.integer(7);
  attachment.created = row.integer(8);
  attachment.used = row.integer(9) > 0;
  return attachment;
}

}  // namespace

constexpr const char* insert_attachment =
    "INSERT INTO attachment (account, managed_id, blob, name, media_type, size, created, released) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";

Attachment Transaction::add_attachment(Id account, const StagedBlob& blob, std::string_view name,
                                       std::string_view media_type) {
  begin_change(0);
  const std::string managed_id = make_random_name();
  const Id bytes = use_blob(blob);
  const auto insert = connection_.prepare(insert_attachment);
  insert->bind(1, account).bind(2, managed_id).bind(3, bytes).bind(4, name).bind(5, media_type);
  insert->bind(6, blob.size).bind(7, now_);
  insert->run();
  return *attachment(managed_id);
}

constexpr const char* select_attachment =
    "SELECT " PILEUS_ATTACHMENT_COLUMNS " FROM attachment t JOIN blob b ON b.id = t.blob WHERE t.managed_id = $1";

std::optional<Attachment> Transaction::attachment(std::string_view managed_id) {
  const auto row = connection_.prepare(select_attachment);
  row->bind(1, managed_id);
  if (!row->step()) return std::nullopt;
  return read_attachment(*row);
}

constexpr const char* select_uses = "SELECT attachment FROM attachment_use WHERE member = $1";
constexpr const char* insert_use =
    "INSERT INTO attachment_use (member, attachment) VALUES ($1, $2) ON CONFLICT (member, attachment) DO NOTHING";
constexpr const char* count_use = "UPDATE attachment SET uses = uses + 1 WHERE id = $1 RETURNING uses, account, size";
constexpr const char* delete_use = "DELETE FROM attachment_use WHERE member = $1 AND attachment = $2";
constexpr const char* count_use_off =
    "UPDATE attachment SET uses = uses - 1, released = $2 WHERE id = $1 RETURNING uses, account, size";

void Transaction::add_use(Id member, Id attachment) {
  {
    const auto insert = connection_.prepare(insert_use);
    insert->bind(1, member).bind(2, attachment);
    if (insert->run() == 0) return;
  }
  Id account = 0;
  std::int64_t size = 0;
  {
    const auto count = connection_.prepare(count_use);
    count->bind(1, attachment);
    if (!count->step()) throw std::logic_error("use of an attachment that isn't there");
    if (count->integer(0) == 1) {
      account = count->integer(1);
      size = count->integer(2);
    }
  }
  charge(account, size);
}

void Transaction::drop_use(Id member, Id attachment) {
  {
    const auto remove = connection_.prepare(delete_use);
    remove->bind(1, member).bind(2, attachment);
    if (remove->run() == 0) return;
  }
  Id account = 0;
  std::int64_t size = 0;
  {
    const auto count = connection_.prepare(count_use_off);
    count->bind(1, attachment).bind(2, now_);
    if (count->step() && count->integer(0) == 0) {
      account = count->integer(1);
      size = count->integer(2);
    }
  }
  charge(account, -size);
}

void Transaction::use_attachments(const Member& member, const std::vector<Id>& attachments) {
  begin_change(member.collection);
  std::vector<Id> dropped;
  {
    const auto row = connection_.prepare(select_uses);
    row->bind(1, member.id);
    while (row->step()) {
      const Id used = row->integer(0);
      if (std::find(attachments.begin(), attachments.end(), used) == attachments.end()) dropped.push_back(used);
    }
  }
  for (const Id attachment : attachments) add_use(member.id, attachment);
  for (const Id attachment : dropped) drop_use(member.id, attachment);
}

constexpr const char* select_uses_within =
    "SELECT u.member, u.attachment FROM attachment_use u JOIN member m ON m.id = u.member WHERE m.collection = $1";

void Transaction::drop_uses_within(Id collection) {
  std::vector<std::pair<Id, Id>> uses;
  {
    const auto row = connection_.prepare(select_uses_within);
    row->bind(1, collection);
    while (row->step()) uses.emplace_back(row->integer(0), row->integer(1));
  }
  for (const auto& [member, attachment] : uses) drop_use(member, attachment);
}

constexpr const char* select_uses_to_copy =
    "SELECT n.id, u.attachment FROM attachment_use u JOIN member o ON o.id = u.member JOIN member n ON n.collection = "
    "$2 AND n.deleted = 0 AND n.name = o.name WHERE o.collection = $1";

void Transaction::copy_uses_within(Id from, Id to) {
  std::vector<std::pair<Id, Id>> uses;
  {
    const auto row = connection_.prepare(select_uses_to_copy);
    row->bind(1, from).bind(2, to);
    while (row->step()) uses.emplace_back(row->integer(0), row->integer(1));
  }
  for (const auto& [member, attachment] : uses) add_use(member, attachment);
}

void Transaction::copy_uses(Id from_member, Id to_member) {
  std::vector<Id> uses;
  {
    const auto row = connection_.prepare(select_uses);
    row->bind(1, from_member);
    while (row->step()) uses.push_back(row->integer(0));
  }
  for (const Id attachment : uses) add_use(to_member, attachment);
}

constexpr const char* delete_uses_of_account =
    "DELETE FROM attachment_use WHERE attachment IN (SELECT id FROM attachment WHERE account = $1)";
constexpr const char* release_attachment_blobs =
    "UPDATE blob SET uses = uses - r.n, released = $2 FROM (SELECT blob, COUNT(*) AS n FROM attachment "
    "WHERE account = $1 GROUP BY blob) AS r WHERE blob.id = r.blob";
constexpr const char* delete_attachments_of_account = "DELETE FROM attachment WHERE account = $1";

void Transaction::remove_attachments_of(Id account) {
  {
    const auto release = connection_.prepare(release_attachment_blobs);
    release->bind(1, account).bind(2, now_);
    release->run();
  }
  for (const char* sql : {delete_uses_of_account, delete_attachments_of_account}) {
    const auto clear = connection_.prepare(sql);
    clear->bind(1, account);
    clear->run();
  }
}

}  // namespace storage
