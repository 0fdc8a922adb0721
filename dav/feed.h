#pragma once

#include "dav/calendar/disclosure.h"
#include "dav/dispatch.h"

namespace dav {

/// Whether a collection has a feed: a calendar or an address book.
bool has_feed(Kind kind);

/// All of a calendar as one text/calendar (RFC 5545) or jCal, all of an address book as one text/vcard or an array of
/// jCards, as Accept says, for GET and HEAD. Its entity tag changes with every change in the collection and with
/// nothing else; it is a weak one, so that the answer may be compressed on its way. Conditions are looked at here: the
/// answer may be a 304. Cards are shown whole or not at all.
Response feed(Context& context, calendar::Disclosure disclosure = calendar::Disclosure::everything);

/// Whether GET on such a collection is asked for the feed; a browser is for the page.
bool wants_feed(const Request& request, Kind kind);

}  // namespace dav
