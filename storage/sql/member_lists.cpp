// Many members at once, by their ids or names.
#include <array>

#include "storage/sql/rows.h"
#include "storage/store.h"

// So many places for values in one statement; those left over hold NULL, which nothing equals.
#define PILEUS_TWENTY_PLACES "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20"

// A value is compared with a literal wherever an index is partial: SQLite plans anew for each value bound otherwise.

namespace storage {

namespace {

constexpr std::size_t places = 20;

void read_all(sql::Statement& row, WithBytes with_bytes, Member& member,
              const std::function<void(const Member&)>& each) {
  while (row.step()) {
    sql::read_member(row, member);
    if (with_bytes == WithBytes::yes) member.bytes = row.bytes(sql::member_bytes_column);
    each(member);
  }
}

}  // namespace

constexpr const char* select_members_of =
    "SELECT " PILEUS_MEMBER_COLUMNS " FROM member m WHERE m.deleted = 0 AND m.id IN (" PILEUS_TWENTY_PLACES ")";
constexpr const char* select_members_of_with_bytes =
    "SELECT " PILEUS_MEMBER_COLUMNS
    ", b.bytes FROM member m LEFT JOIN blob b ON b.id = m.blob WHERE m.deleted = 0 AND m.id IN (" PILEUS_TWENTY_PLACES
    ")";

void Transaction::for_each_of(std::span<const Id> members, WithBytes with_bytes,
                              const std::function<void(const Member&)>& each) {
  Member member;
  for (std::size_t at = 0; at < members.size(); at += places) {
    const auto page = members.subspan(at, std::min(places, members.size() - at));
    const auto row =
        connection_.prepare(with_bytes == WithBytes::yes ? select_members_of_with_bytes : select_members_of);
    for (std::size_t i = 0; i < places; ++i) {
      const int position = static_cast<int>(i) + 1;
      i < page.size() ? row->bind(position, page[i]) : row->bind_null(position);
    }
    read_all(*row, with_bytes, member, each);
  }
}

constexpr const char* select_members_named =
    "SELECT " PILEUS_MEMBER_COLUMNS
    " FROM member m WHERE m.collection = $21 AND m.deleted = 0 AND m.name IN (" PILEUS_TWENTY_PLACES ")";
constexpr const char* select_members_named_with_bytes = "SELECT " PILEUS_MEMBER_COLUMNS
                                                        ", b.bytes FROM member m LEFT JOIN blob b ON b.id = m.blob "
                                                        "WHERE m.collection = $21 AND m.deleted = 0 AND m.name IN "
                                                        "(" PILEUS_TWENTY_PLACES ")";

void Transaction::for_each_named(Id collection, std::span<const std::string_view> names, WithBytes with_bytes,
                                 const std::function<void(const Member&)>& each) {
  if (writing_) connection_.hold(collection);
  Member member;
  for (std::size_t at = 0; at < names.size(); at += places) {
    const auto page = names.subspan(at, std::min(places, names.size() - at));
    const auto row =
        connection_.prepare(with_bytes == WithBytes::yes ? select_members_named_with_bytes : select_members_named);
    row->bind(21, collection);
    for (std::size_t i = 0; i < places; ++i) {
      const int position = static_cast<int>(i) + 1;
      i < page.size() ? row->bind(position, page[i]) : row->bind_null(position);
    }
    read_all(*row, with_bytes, member, each);
  }
}

}  // namespace storage
