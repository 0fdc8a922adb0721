#include "dav/photos.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "dav/contacts/photo.h"
#include "dav/photo_maker.h"
#include "dav/properties/values.h"
#include "dav/xml.h"

namespace dav {

namespace {

constexpr std::int64_t smallest_card = 4096;
constexpr int shortest_side = 16, longest_side = 4096;

std::optional<int> read_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> read_side(std::string_view text) {
  const auto number = read_number(text);
  const bool fits = number && (*number == 0 || (*number >= shortest_side && *number <= longest_side));
  return fits ? number : std::nullopt;
}

/// Where images of that card may be stored: in the card itself, and in those of its UID in the account's other books.
std::vector<storage::Member> sources(Context& context, storage::Id book, std::string_view name, std::string_view uid) {
  std::vector<storage::Member> found;
  auto& transaction = context.transaction;
  if (auto replaced = transaction.member(book, name)) found.push_back(*std::move(replaced));
  const auto collection = transaction.collection(book);
  if (!collection || !collection->parent) return found;
  for (const auto& other : transaction.children(collection->parent)) {
    if (other.child == book) continue;
    if (auto card = transaction.member_with_uid(other.child, uid)) found.push_back(*std::move(card));
  }
  return found;
}

}  // namespace

int photo_side(std::span<const storage::Property> properties, const Settings& settings) {
  const auto text = text_in(properties, PILEUS, photo_size_name);
  return text ? read_side(*text).value_or(0) : settings.photo_size;
}

int photo_side(const Context& context, storage::Id book) {
  return photo_side(context.transaction.properties(book, 0), context.environment.settings);
}

std::optional<storage::Property> photo_size_property(std::string_view size) {
  if (!read_side(size)) return std::nullopt;
  return text_property(PILEUS, photo_size_name, size);
}

int photo_side_for(const Context& context, const storage::Member& card) {
  return card.size > smallest_card ? photo_side(context, card.collection) : 0;
}

SmallerPhotos with_smaller_photos(const Context& context, const storage::Member& card, int side, std::string text) {
  SmallerPhotos smaller;
  auto* maker = context.environment.photos;
  if (maker == nullptr || side == 0 || card.size <= smallest_card) return {std::move(text), true};
  const auto replace = [&](const contacts::PhotoLine& line) -> std::optional<contacts::NewPhoto> {
    if (line.size() < smallest_card / 2) return std::nullopt;
    const auto read = [&] {
      auto photo = line.read();
      return photo ? std::move(photo->octets) : std::string();
    };
    const std::string key = card.etag + '/' + std::to_string(line.number());
    auto made = maker->smaller(context.principal.account, key, side, read);
    smaller.all = smaller.all && made.now;
    if (made.octets.empty()) return std::nullopt;
    return contacts::NewPhoto{{"image/jpeg", std::move(made.octets)}, {}};
  };
  smaller.text = contacts::with_photos(std::move(text), replace);
  return smaller;
}

bool has_smaller_photos(const contacts::Card& card) {
  return contacts::any_photo(card, [](const contacts::PhotoLine& line) {
    const auto photo = line.read();
    return photo && !origin_of(photo->octets).empty();
  });
}

std::string with_stored_photos(Context& context, std::string text, storage::Id book, std::string_view name,
                               std::string_view uid) {
  for (const storage::Member& source : sources(context, book, name, uid)) {
    std::vector<std::pair<std::string, contacts::NewPhoto>> stored;
    contacts::with_photos(context.transaction.bytes(source), [&](const contacts::PhotoLine& line) {
      if (auto photo = line.read()) {
        auto digest = photo_digest(photo->octets);
        stored.emplace_back(std::move(digest), contacts::NewPhoto{*std::move(photo), line.crop()});
      }
      return std::nullopt;
    });
    text = contacts::with_photos(std::move(text), [&](const contacts::PhotoLine& line) {
      const auto photo = line.read();
      const auto origin = photo ? origin_of(photo->octets) : std::string();
      const auto match = std::ranges::find(stored, origin, &decltype(stored)::value_type::first);
      return match == stored.end() ? std::nullopt : std::optional(match->second);
    });
  }
  return text;
}

std::optional<PhotoQuery> photo_query(const Request& request) {
  constexpr std::string_view plain = "photo", with_size = "photo&size=";
  const std::string_view query = request.query;
  if (query == plain) return PhotoQuery{};
  if (!query.starts_with(with_size)) return std::nullopt;
  const auto side = read_number(query.substr(with_size.size()));
  if (!side || *side < 1) throw Error{condition::bad_request, "a size is a number of pixels"};
  return PhotoQuery{std::clamp(*side, shortest_side, longest_side)};
}

bool read_photo_size(const Context& context, const Resource&, std::string& out) {
  out += std::to_string(context.environment.settings.photo_size);
  return true;
}

std::optional<Error> check_photo_size(const Context&, const Resource&, const xml::Element* value) {
  if (value == nullptr || read_side(value->text())) return std::nullopt;
  return Error{condition::conflict, "the size is 0, for images as they are stored, or from 16 to 4096 pixels"};
}

}  // namespace dav
