#include "mail/imap/grammar/store_arguments.h"

namespace mail::imap {

namespace {

/// ` (set uids)`: two sets of the same size. RFC 7162 3.2.5.2
void read_sequence_match(Cursor& cursor, Qresync& qresync) {
  cursor.expect('(');
  qresync.sequence_numbers = read_number_set(cursor);
  cursor.space();
  qresync.sequence_uids = read_number_set(cursor);
  cursor.expect(')');
  if (qresync.sequence_numbers->size() != qresync.sequence_uids.size()) {
    throw SyntaxError("QRESYNC has message numbers and UIDs that don't match");
  }
}

Qresync read_qresync(Cursor& cursor) {
  Qresync qresync;
  cursor.expect('(');
  qresync.uid_validity = cursor.nz_number();
  cursor.space();
  qresync.modseq = cursor.nz_number64();
  if (cursor.skip_if(' ')) {
    if (cursor.peek() != '(') {
      qresync.known_uids = read_number_set(cursor);
      if (cursor.skip_if(' ')) read_sequence_match(cursor, qresync);
    } else {
      read_sequence_match(cursor, qresync);
    }
  }
  cursor.expect(')');
  return qresync;
}

}  // namespace

StoreArguments read_store_arguments(Cursor& cursor) {
  StoreArguments arguments;
  if (cursor.peek() == '(') {
    cursor.list(Cursor::Empty::refused, [&] {
      if (!cursor.skip_word("UNCHANGEDSINCE") || arguments.unchanged_since) {
        throw SyntaxError("STORE has no such modifier, or it is there twice");
      }
      cursor.space();
      arguments.unchanged_since = cursor.number64();
    });
    cursor.space();
  }
  const std::string name = cursor.word();
  std::string_view rest = name;
  if (rest.starts_with('+') || rest.starts_with('-')) {
    arguments.way = rest.front() == '+' ? StoreArguments::Way::add : StoreArguments::Way::remove;
    rest.remove_prefix(1);
  }
  arguments.silent = rest == "FLAGS.SILENT";
  if (rest != "FLAGS" && !arguments.silent) throw SyntaxError("STORE has no " + name);
  cursor.space();
  arguments.flags = read_flags(cursor);
  return arguments;
}

SelectOptions read_select_options(Cursor& cursor) {
  SelectOptions options;
  if (!cursor.skip_if(' ')) return options;
  cursor.list(Cursor::Empty::refused, [&] {
    const std::string name = cursor.word();
    if (name == "CONDSTORE") {
      options.condstore = true;
    } else if (name == "QRESYNC" && !options.qresync) {
      cursor.space();
      options.qresync = read_qresync(cursor);
    } else {
      throw SyntaxError("SELECT has no parameter " + name + ", or it is there twice");
    }
  });
  return options;
}

}  // namespace mail::imap
