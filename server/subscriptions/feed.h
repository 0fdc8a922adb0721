#pragma once

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace server {

/// What is left out of a calendar that is taken over.
struct FeedOptions {
  bool strip_alarms = false;
  bool strip_attachments = false;
  bool strip_tasks = false;
};

/// One object of it: all components of one UID.
struct FeedObject {
  std::string uid;
  std::string name;   ///< as a member: made from the UID, and always the same
  std::string bytes;  ///< a calendar of its own, with the time zones it needs
};

struct Feed {
  std::vector<FeedObject> objects;
  std::string title;               ///< RFC 7986 5.1, or X-WR-CALNAME; empty for none
  std::chrono::seconds period{0};  ///< from fetch to fetch: RFC 7986 5.7, or X-PUBLISHED-TTL; 0 for none
};

/// The text is no calendar, or only a part of one.
class BrokenFeed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Takes a published calendar apart. Its own properties but VERSION, PRODID and CALSCALE, which change when nothing
/// else does, don't go into the objects. `most_octets`: what all objects together may have, since each has its own copy
/// of its time zones. Throws BrokenFeed.
Feed read_feed(std::string text, const FeedOptions& options, std::size_t most_octets);

/// The member's name for a UID: the UID itself where it is fit for one, otherwise what can be read of it and a hash.
std::string feed_name(std::string_view uid);

/// An object without its DTSTAMPs: some publishers write the present time there each time they are asked.
std::string without_stamps(std::string_view object);

}  // namespace server
