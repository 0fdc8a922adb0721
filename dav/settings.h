#pragma once

#include <cstdint>
#include <string>

namespace dav {

/// How groups of people are kept in an address book.
enum class GroupMode {
  cards,       ///< as clients write them: cards of groups and CATEGORIES have nothing to do with each other
  categories,  ///< the card of a group and CATEGORIES on its members say the same
};

/// The limits and policies of the tree; each is a key of pileus.toml, where it is explained.
struct Settings {
  std::int64_t max_file_size = std::int64_t{4} << 30;
  std::int64_t max_object_size = std::int64_t{10} << 20;  ///< calendar objects and cards
  std::int64_t max_attachment_size = std::int64_t{25} << 20;
  int max_attachments_per_object = 20;
  std::int64_t max_bulk_size = std::int64_t{256} << 20;  ///< of one POST of many objects
  std::int64_t max_xml_size = std::int64_t{4} << 20;
  int max_xml_depth = 64;
  bool infinite_depth_in_homes = true;  ///< PROPFIND Depth: infinity within a home
  bool infinite_depth_above_homes = false;
  int max_attendees_per_instance = 1000;
  int max_instances = 10000;
  std::string min_date_time = "19000101T000000Z";
  std::string max_date_time = "21001231T235959Z";
  std::int64_t max_lock_seconds = 86400;
  std::int64_t default_lock_seconds = 3600;
  GroupMode group_mode = GroupMode::cards;  ///< of address books that have no mode of their own
  int photo_size = 0;     ///< the longest side of images in cards, of books that have none of their own; 0: as stored
  bool directory = true;  ///< a read-only address book of the accounts
  int directory_limit = 100;  ///< the most cards that one query of it is answered with
  bool merged_book = false;   ///< Contacts on macOS sees one book of all cards, where an account says nothing else
  std::string host_name;      ///< what people connect to; used on the page at / and in well-known redirects
};

}  // namespace dav
