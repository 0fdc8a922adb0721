#include "storage/dump_tables.h"

#include <array>

// A page, and a row, of a table.
#define PILEUS_SELECT(table, columns, behind, key) \
  "SELECT " columns " FROM " table " WHERE " behind " ORDER BY " key " LIMIT 500"
#define PILEUS_INSERT(table, columns, values) "INSERT INTO " table " (" columns ") VALUES (" values ")"

#define PILEUS_ACCOUNT                                                                          \
  "id, name, kind, display_name, time_zone, locale, quota, used, disabled, created, password, " \
  "birthdays, listing, merged_book"
#define PILEUS_ADDRESS "email, account, position"
#define PILEUS_MEMBERSHIP "team, account"
#define PILEUS_CREDENTIAL \
  "id, account, label, hash, dav, mail, read_only, created, expires, last_used, last_address, last_client"
#define PILEUS_COLLECTION                                                                                        \
  "id, account, parent, home, kind, name, modseq, tombstone_floor, last_number, components, created, modified, " \
  "keeper"
#define PILEUS_BLOB "id, hash, size, place, bytes, uses, released"
#define PILEUS_MEMBER                                                                                                  \
  "id, collection, name, number, modseq, added_modseq, deleted, child, etag, size, media_type, blob, uid, component, " \
  "created, modified"
#define PILEUS_REVISION \
  "id, account, collection, member, name, modseq, change, before, media_type, actor, credential, at"
#define PILEUS_PROPERTY "collection, member, ns, name, xml"
#define PILEUS_LOCK "token, collection, member, account, exclusive, infinite, owner, root, expires"
#define PILEUS_ATTACHMENT "id, account, managed_id, blob, name, media_type, size, created, uses, released"
#define PILEUS_LINK "id, collection, hash, label, busy_only, created, expires, last_used"
#define PILEUS_EVENT_FACT "collection, scale, first, member, last, pattern"
#define PILEUS_EVENT_INDEX "one, release"
#define PILEUS_TIME_ZONE "name, seen, octets"

#define PILEUS_BIRTHDAYS "calendar, account, seen, edition"
#define PILEUS_SUBSCRIPTION                                                                                            \
  "collection, next_fetch, lease, url, etag, last_modified, digest, period, last_fetch, last_success, status, error, " \
  "failures, gone_since"

#define PILEUS_MAILBOX \
  "id, uid_validity, uid_next, first_recent, messages, unseen, deleted, octets, special_use, selectable"
#define PILEUS_MESSAGE                                                                                            \
  "mailbox, uid, flags, keywords, modseq, added_modseq, internal_date, internal_zone, saved, size, blob, email, " \
  "thread"
#define PILEUS_QUEUED                                                                                                 \
  "id, account, sender, envelope_id, returned, eight_bit, utf8, blob, size, created, next_attempt, lease, attempts, " \
  "held"
#define PILEUS_QUEUED_RECIPIENT "id, message, address, original, notify, status, reason, told"

// Of what is derived, that of blobs that are on their way out is left out with them.
#define PILEUS_OF_BLOB(table) "blob > $1 AND EXISTS (SELECT 1 FROM blob b WHERE b.id = " table ".blob AND b.uses > 0)"

#define PILEUS_SIEVE_SCRIPT "account, name, active, octets, size, modified, fault"
#define PILEUS_VALUES_3 "$1, $2, $3"
#define PILEUS_VALUES_4 PILEUS_VALUES_3 ", $4"
#define PILEUS_VALUES_5 PILEUS_VALUES_3 ", $4, $5"
#define PILEUS_VALUES_6 PILEUS_VALUES_5 ", $6"
#define PILEUS_VALUES_7 PILEUS_VALUES_5 ", $6, $7"
#define PILEUS_VALUES_8 PILEUS_VALUES_7 ", $8"
#define PILEUS_VALUES_9 PILEUS_VALUES_7 ", $8, $9"
#define PILEUS_VALUES_10 PILEUS_VALUES_9 ", $10"
#define PILEUS_VALUES_11 PILEUS_VALUES_9 ", $10, $11"
#define PILEUS_VALUES_12 PILEUS_VALUES_11 ", $12"
#define PILEUS_VALUES_13 PILEUS_VALUES_12 ", $13"
#define PILEUS_VALUES_14 PILEUS_VALUES_13 ", $14"
#define PILEUS_VALUES_16 PILEUS_VALUES_14 ", $15, $16"

namespace storage {

namespace {

// clang-format off
constexpr std::array tables{
    DumpTable{"account", "ititttiiiitiii", 1,
              PILEUS_SELECT("account", PILEUS_ACCOUNT, "id > $1", "id"),
              PILEUS_INSERT("account", PILEUS_ACCOUNT, PILEUS_VALUES_14)},
    DumpTable{"address", "tii", 1,
              PILEUS_SELECT("address", PILEUS_ADDRESS, "email > $1", "email"),
              PILEUS_INSERT("address", PILEUS_ADDRESS, PILEUS_VALUES_3)},
    DumpTable{"membership", "ii", 2,
              PILEUS_SELECT("membership", PILEUS_MEMBERSHIP, "(team, account) > ($1, $2)", "team, account"),
              PILEUS_INSERT("membership", PILEUS_MEMBERSHIP, "$1, $2")},
    DumpTable{"credential", "iitbiiiiiitt", 1,
              PILEUS_SELECT("credential", PILEUS_CREDENTIAL, "id > $1", "id"),
              PILEUS_INSERT("credential", PILEUS_CREDENTIAL, PILEUS_VALUES_12)},
    DumpTable{"collection", "iiiiitiiitiii", 1,
              PILEUS_SELECT("collection", PILEUS_COLLECTION, "id > $1", "id"),
              PILEUS_INSERT("collection", PILEUS_COLLECTION, PILEUS_VALUES_13)},
    // Blobs that nobody uses are on their way out.
    DumpTable{"blob", "ibiibii", 1,
              PILEUS_SELECT("blob", PILEUS_BLOB, "uses > 0 AND id > $1", "id"),
              PILEUS_INSERT("blob", PILEUS_BLOB, PILEUS_VALUES_7)},
    DumpTable{"member", "iitiiiiititittii", 1,
              PILEUS_SELECT("member", PILEUS_MEMBER, "id > $1", "id"),
              PILEUS_INSERT("member", PILEUS_MEMBER, PILEUS_VALUES_16)},
    DumpTable{"revision", "iiiitiiitiii", 1,
              PILEUS_SELECT("revision", PILEUS_REVISION, "id > $1", "id"),
              PILEUS_INSERT("revision", PILEUS_REVISION, PILEUS_VALUES_12)},
    DumpTable{"property", "iittt", 4,
              PILEUS_SELECT("property", PILEUS_PROPERTY, "(collection, member, ns, name) > ($1, $2, $3, $4)",
                            "collection, member, ns, name"),
              PILEUS_INSERT("property", PILEUS_PROPERTY, PILEUS_VALUES_5)},
    DumpTable{"lock", "tiiiiitti", 1,
              PILEUS_SELECT("lock", PILEUS_LOCK, "token > $1", "token"),
              PILEUS_INSERT("lock", PILEUS_LOCK, PILEUS_VALUES_9)},
    DumpTable{"attachment", "iitittiiii", 1,
              PILEUS_SELECT("attachment", PILEUS_ATTACHMENT, "id > $1", "id"),
              PILEUS_INSERT("attachment", PILEUS_ATTACHMENT, PILEUS_VALUES_10)},
    DumpTable{"attachment_use", "ii", 2,
              PILEUS_SELECT("attachment_use", "member, attachment", "(member, attachment) > ($1, $2)",
                            "member, attachment"),
              PILEUS_INSERT("attachment_use", "member, attachment", "$1, $2")},
    DumpTable{"link", "iibtiiii", 1,
              PILEUS_SELECT("link", PILEUS_LINK, "id > $1", "id"),
              PILEUS_INSERT("link", PILEUS_LINK, PILEUS_VALUES_8)},
    DumpTable{"event_fact", "iiiiii", 4,
              PILEUS_SELECT("event_fact", PILEUS_EVENT_FACT,
                            "(collection, scale, first, member) > ($1, $2, $3, $4)",
                            "collection, scale, first, member"),
              PILEUS_INSERT("event_fact", PILEUS_EVENT_FACT, PILEUS_VALUES_6)},
    DumpTable{"event_index", "it", 1,
              PILEUS_SELECT("event_index", PILEUS_EVENT_INDEX, "one > $1", "one"),
              PILEUS_INSERT("event_index", PILEUS_EVENT_INDEX, "$1, $2")},
    DumpTable{"time_zone", "tib", 2,
              PILEUS_SELECT("time_zone", PILEUS_TIME_ZONE, "(name, seen) > ($1, $2)", "name, seen"),
              PILEUS_INSERT("time_zone", PILEUS_TIME_ZONE, PILEUS_VALUES_3)},
    DumpTable{"subscription", "iiittttiiiitii", 1,
              PILEUS_SELECT("subscription", PILEUS_SUBSCRIPTION, "collection > $1", "collection"),
              PILEUS_INSERT("subscription", PILEUS_SUBSCRIPTION, PILEUS_VALUES_14)},
    DumpTable{"birthdays", "iiii", 1,
              PILEUS_SELECT("birthdays", PILEUS_BIRTHDAYS, "calendar > $1", "calendar"),
              PILEUS_INSERT("birthdays", PILEUS_BIRTHDAYS, PILEUS_VALUES_4)},
    DumpTable{"merged_book", "ii", 1,
              PILEUS_SELECT("merged_book", "book, seen", "book > $1", "book"),
              PILEUS_INSERT("merged_book", "book, seen", "$1, $2")},
    DumpTable{"mailbox", "iiiiiiiiti", 1,
              PILEUS_SELECT("mailbox", PILEUS_MAILBOX, "id > $1", "id"),
              PILEUS_INSERT("mailbox", PILEUS_MAILBOX, PILEUS_VALUES_10)},
    DumpTable{"message", "iiitiiiiiiiii", 2,
              PILEUS_SELECT("message", PILEUS_MESSAGE, "(mailbox, uid) > ($1, $2)", "mailbox, uid"),
              PILEUS_INSERT("message", PILEUS_MESSAGE, PILEUS_VALUES_13)},
    DumpTable{"expunged", "iiii", 3,
              PILEUS_SELECT("expunged", "mailbox, modseq, uid, at", "(mailbox, modseq, uid) > ($1, $2, $3)",
                            "mailbox, modseq, uid"),
              PILEUS_INSERT("expunged", "mailbox, modseq, uid, at", PILEUS_VALUES_4)},
    DumpTable{"message_fact", "iib", 1,
              PILEUS_SELECT("message_fact", "blob, edition, packed", PILEUS_OF_BLOB("message_fact"), "blob"),
              PILEUS_INSERT("message_fact", "blob, edition, packed", PILEUS_VALUES_3)},
    DumpTable{"message_header", "ib", 1,
              PILEUS_SELECT("message_header", "blob, octets", PILEUS_OF_BLOB("message_header"), "blob"),
              PILEUS_INSERT("message_header", "blob, octets", "$1, $2")},
    DumpTable{"message_signature", "ib", 1,
              PILEUS_SELECT("message_signature", "blob, bits", PILEUS_OF_BLOB("message_signature"), "blob"),
              PILEUS_INSERT("message_signature", "blob, bits", "$1, $2")},
    DumpTable{"thread_id", "iii", 2,
              PILEUS_SELECT("thread_id", "account, hash, thread", "(account, hash) > ($1, $2)", "account, hash"),
              PILEUS_INSERT("thread_id", "account, hash, thread", PILEUS_VALUES_3)},
    DumpTable{"mail_subscription", "it", 2,
              PILEUS_SELECT("mail_subscription", "account, name", "(account, name) > ($1, $2)", "account, name"),
              PILEUS_INSERT("mail_subscription", "account, name", "$1, $2")},
    DumpTable{"mailbox_rights", "itt", 2,
              PILEUS_SELECT("mailbox_rights", "mailbox, identifier, rights", "(mailbox, identifier) > ($1, $2)",
                            "mailbox, identifier"),
              PILEUS_INSERT("mailbox_rights", "mailbox, identifier, rights", PILEUS_VALUES_3)},
    DumpTable{"scram", "ibi", 1,
              PILEUS_SELECT("scram", "account, salt, iterations", "account > $1", "account"),
              PILEUS_INSERT("scram", "account, salt, iterations", PILEUS_VALUES_3)},
    DumpTable{"scram_key", "iibb", 2,
              PILEUS_SELECT("scram_key", "account, credential, stored_key, server_key",
                            "(account, credential) > ($1, $2)", "account, credential"),
              PILEUS_INSERT("scram_key", "account, credential, stored_key, server_key", PILEUS_VALUES_4)},
    DumpTable{"secret", "tb", 1,
              PILEUS_SELECT("secret", "name, octets", "name > $1", "name"),
              PILEUS_INSERT("secret", "name, octets", "$1, $2")},
    DumpTable{"queued", "iittiiiiiiiiii", 1,
              PILEUS_SELECT("queued", PILEUS_QUEUED, "id > $1", "id"),
              PILEUS_INSERT("queued", PILEUS_QUEUED, PILEUS_VALUES_14)},
    DumpTable{"queued_recipient", "iittitti", 1,
              PILEUS_SELECT("queued_recipient", PILEUS_QUEUED_RECIPIENT, "id > $1", "id"),
              PILEUS_INSERT("queued_recipient", PILEUS_QUEUED_RECIPIENT, PILEUS_VALUES_8)},
    DumpTable{"queue_turn", "ii", 1,
              PILEUS_SELECT("queue_turn", "account, served", "account > $1", "account"),
              PILEUS_INSERT("queue_turn", "account, served", "$1, $2")},
    DumpTable{"delivered_id", "ibi", 2,
              PILEUS_SELECT("delivered_id", "account, hash, at", "(account, hash) > ($1, $2)", "account, hash"),
              PILEUS_INSERT("delivered_id", "account, hash, at", PILEUS_VALUES_3)},
    DumpTable{"sieve_script", "itibiit", 2,
              PILEUS_SELECT("sieve_script", PILEUS_SIEVE_SCRIPT, "(account, name) > ($1, $2)", "account, name"),
              PILEUS_INSERT("sieve_script", PILEUS_SIEVE_SCRIPT, PILEUS_VALUES_7)},
    DumpTable{"sieve_memory", "ibi", 2,
              PILEUS_SELECT("sieve_memory", "account, hash, expires", "(account, hash) > ($1, $2)", "account, hash"),
              PILEUS_INSERT("sieve_memory", "account, hash, expires", PILEUS_VALUES_3)},
};
// clang-format on

}  // namespace

std::span<const DumpTable> dump_tables() { return tables; }

}  // namespace storage
