#pragma once

#include <span>
#include <string>

#include "storage/mail.h"
#include "storage/sql/database.h"

// The columns of a row in the order in which it is read.
#define PILEUS_FLAGS_COLUMNS "m.uid, m.flags, m.keywords, m.modseq"
#define PILEUS_MESSAGE_COLUMNS                                                             \
  PILEUS_FLAGS_COLUMNS                                                                     \
  ", m.added_modseq, m.internal_date, m.internal_zone, m.saved, m.size, m.blob, m.email, " \
  "m.thread"

// A text of SQL in which a column is compared with a list of numbers, for either database.
#define PILEUS_LISTED(before, position, after)                               \
  {                                                                          \
    before " IN (SELECT value FROM json_each(" position "))" after,          \
        before " = ANY (CAST(CAST(" position " AS TEXT) AS BIGINT[]))" after \
  }

namespace storage::sql {

/// The column after those of a message.
constexpr int message_columns = 12;

/// See PILEUS_LISTED.
struct Listed {
  const char* sqlite;
  const char* postgres;

  const char* in(const Connection& connection) const {
    return connection.dialect() == Dialect::sqlite ? sqlite : postgres;
  }
};

/// A list of numbers, to be bound where PILEUS_LISTED has its position.
template <class Number>
std::string list_of(const Connection& connection, std::span<const Number> numbers) {
  const bool is_sqlite = connection.dialect() == Dialect::sqlite;
  std::string list(1, is_sqlite ? '[' : '{');
  for (const Number number : numbers) {
    if (list.size() > 1) list += ',';
    list += std::to_string(number);
  }
  return list += is_sqlite ? ']' : '}';
}

void read_flags(const Statement& row, MessageFlags& flags);

/// Fills everything but `mailbox`.
void read_message(const Statement& row, Message& message);

}  // namespace storage::sql
