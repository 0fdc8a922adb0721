#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mail/imap/grammar/date.h"
#include "mail/imap/grammar/fetch_items.h"
#include "mail/imap/grammar/flags.h"
#include "mail/imap/grammar/list_options.h"
#include "mail/imap/grammar/list_pattern.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/grammar/search_key.h"
#include "mail/imap/grammar/search_options.h"
#include "mail/imap/grammar/store_arguments.h"
#include "mail/imap/grammar/utf7.h"

using namespace mail::imap;

namespace {

template <typename Read>
void attempt(std::string_view octets, Client client, Read read) {
  Cursor cursor(octets, client);
  try {
    read(cursor);
  } catch (const SyntaxError& error) {
    if (*error.what() == '\0') std::abort();
  } catch (const Refusal& refusal) {
    if (refusal.code().empty()) std::abort();
  }
  if (cursor.at() > octets.size()) std::abort();
}

void check_set(Cursor& cursor) {
  const NumberSet set = read_sequence_set(cursor).resolved(7);
  if (set.empty()) return;
  const std::string text = set.text();
  Cursor again(text);
  if (read_number_set(again) != set) std::abort();
  if (!set.without(set).empty() || set.united(set) != set || set.intersected(set) != set) std::abort();
}

void check_moment(Cursor& cursor) {
  const DateTime moment = read_date_time(cursor);
  const std::string text = date_time_text(moment);
  Cursor again(text);
  if (moment.seconds > -62167219200 + 400000 && moment.seconds < 253402300799 - 400000 &&
      read_date_time(again) != moment) {
    std::abort();
  }
}

void check_name(Cursor& cursor) {
  const std::string name = read_mailbox(cursor);
  std::string out;
  append_mailbox(out, name, cursor.client());
  Cursor again(out, cursor.client());
  if (!name_fault(name) && read_mailbox(again) != name) std::abort();
}

void check_list(Cursor& cursor) {
  const ListArguments list = read_list_arguments(cursor);
  for (const std::string& pattern : list.patterns) {
    const ListPattern each(list.reference, pattern);
    each.may_match_below("INBOX");
    if (!each.has_wildcard() && !each.matches(each.text())) std::abort();
  }
}

}  // namespace

/// The arguments of all commands, whose first octet says which.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Client client = data[0] < 'a' ? Client::rev1 : Client::utf8;
  switch (data[0] % 16) {
    case 0:
      attempt(octets, client, [](Cursor& cursor) { cursor.astring(); });
      break;
    case 1:
      attempt(octets, client, check_set);
      break;
    case 2:
      attempt(octets, client, [](Cursor& cursor) { read_flags(cursor); });
      break;
    case 3:
      attempt(octets, client, check_moment);
      break;
    case 4:
      attempt(octets, client, check_name);
      break;
    case 5:
      attempt(octets, client, check_list);
      break;
    case 6:
      attempt(octets, client, [](Cursor& cursor) {
        read_fetch_items(cursor);
        read_fetch_modifiers(cursor);
      });
      break;
    case 7:
      attempt(octets, client, [](Cursor& cursor) { read_store_arguments(cursor); });
      break;
    case 8:
      attempt(octets, client, [](Cursor& cursor) { read_select_options(cursor); });
      break;
    case 9:
      attempt(octets, client, [](Cursor& cursor) {
        read_search_sources(cursor);
        read_search_return(cursor);
        read_search_program(cursor);
      });
      break;
    case 10:
      attempt(octets, client, [](Cursor& cursor) {
        read_sort_criteria(cursor);
        cursor.space();
        read_search_criteria(cursor);
      });
      break;
    case 11:
      attempt(octets, client, [](Cursor& cursor) { cursor.skip_value(); });
      break;
    case 12:
      attempt(octets, client, [](Cursor& cursor) { read_date(cursor); });
      break;
    case 13: {
      const auto name = from_utf7(octets);
      if (name && to_utf7(*name) != octets) std::abort();
      to_utf7(octets);
      break;
    }
    case 14:
      literal_at_end(octets);
      break;
    default:
      attempt(octets, client, [](Cursor& cursor) { read_status_items(cursor); });
      break;
  }
  return 0;
}
