#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dav/calendar/refusal.h"
#include "dav/dispatch.h"

namespace dav::calendar {
class Object;
}

namespace dav {

class GroupFollower;

/// Content on its way into a collection, by PUT, POST, COPY or MOVE alike (RFC 4791 5.3.2.1 and RFC 6352 6.3.2.1 name
/// the same preconditions for all of them).
struct Incoming {
  Kind kind = Kind::file;
  storage::StagedBlob blob;
  std::string media_type;
  storage::ObjectFacts facts;
  bool converted = false;  ///< what is kept is made of what came: its tag tells the sender nothing (RFC 4791 5.3.4)
  std::shared_ptr<const calendar::Object> object;  ///< of a calendar object; shared by the runs of one request
  std::string with_smaller_photos;  ///< a card's text, where images in it were given out smaller; else empty
  /// Why its occurrences are too many or too far for any calendar here: counted before the writer is asked, said in its
  /// turn.
  std::optional<calendar::Refusal> instances;
};

/// Reads what is to become an object of that kind and stages it: is it of the right media type, and valid?
/// `content_type` is as sent, empty for none; `name` tells a file's type where nothing else does. Pure but for the
/// staging. Throws Error.
std::shared_ptr<const Incoming> read_incoming(Kind kind, std::string_view content_type, std::string_view name,
                                              const storage::Spool& content, const Environment& environment);

/// Where content is to stand.
struct Place {
  const storage::Collection& collection;
  std::string_view href;                      ///< the collection's
  const storage::Member* replaced = nullptr;  ///< the object that it takes the place of
  const storage::Member* moved = nullptr;     ///< the object that it is now, and that will be gone
};

/// Whether the collection takes such a component. Throws Error{supported_calendar_component}.
void check_component(const storage::Collection& collection, const storage::ObjectFacts& facts);

/// Whether the UID is free there, and the one of what is replaced. Throws Error{no_uid_conflict} with the href of what
/// has it.
void check_uid(storage::Transaction& transaction, const Place& place, const storage::ObjectFacts& facts);

/// Whether an object keeps to the limits of a calendar. RFC 4791 5.2.5 to 5.2.9. Throws Error.
void check_limits(const Environment& environment, const calendar::Object& object,
                  const storage::Collection& collection);

/// Whether content can stand there: all that read_incoming could not know. Throws Error.
void check_incoming(Context& context, const Incoming& incoming, const Place& place);
/// The same where no request brings it: for a calendar that the server itself keeps.
void check_incoming(storage::Transaction& transaction, const Environment& environment, const Incoming& incoming,
                    const Place& place);

/// What has become of content.
struct Kept {
  storage::Member member;
  bool as_sent = true;  ///< its bytes are those that were sent
};

/// Puts content that has been checked under that name, with its uses of attachments. A wrong SIZE of one is made right
/// (RFC 8607 3.7); in place of an image that was given out smaller stands what is stored.
Kept keep(Context& context, const Incoming& incoming, storage::Id collection, std::string_view name);

/// The same, and the groups and categories of the collection follow (groups.h). `replaced` is what stands there under
/// that name; null for nothing.
Kept keep_followed(Context& context, const Incoming& incoming, const storage::Collection& collection,
                   std::string_view name, const storage::Member* replaced);
Kept keep_followed(Context& context, const Incoming& incoming, storage::Id collection, std::string_view name,
                   const storage::Member* replaced, GroupFollower& groups);

/// What a file's sender calls its type; where he says none, what its name says.
std::string type_of_file(std::string_view content_type, std::string_view name);

}  // namespace dav
