#pragma once

#include <string>
#include <string_view>

namespace storage::sql {

/// PostgreSQL's text is valid UTF-8 without NUL; names that clients make need not be. Each octet that PostgreSQL would
/// refuse stands in the database as a character of U+F0000 … U+F00FF, and so does each octet of such characters
/// themselves, so that any text comes back as it was. Returns `text` itself, or a view into `buffer`.
std::string_view to_postgres_text(std::string_view text, std::string& buffer);

/// The reverse.
std::string_view from_postgres_text(std::string_view text, std::string& buffer);

/// The schema, written in SQLite's words, in PostgreSQL's.
std::string to_postgres_schema(std::string_view sql);

}  // namespace storage::sql
