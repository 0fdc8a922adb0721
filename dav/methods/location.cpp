#include "dav/methods/location.h"

#include "dav/error.h"

namespace dav {

void check_location(Kind made, Kind holder) {
  if (row(holder).subcollection == made && (holder != made || made == Kind::folder)) return;
  if (made == Kind::calendar)
    throw Error{condition::calendar_collection_location_ok, "a calendar stands in a calendar home"};
  if (made == Kind::addressbook) {
    throw Error{condition::addressbook_collection_location_ok, "an address book stands in an address book home"};
  }
  throw Error{condition::forbidden, "this kind of collection can't stand there"};
}

}  // namespace dav
