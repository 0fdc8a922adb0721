#include "dav/directory.h"

#include "dav/card_version.h"
#include "dav/contacts/line.h"
#include "dav/content/text.h"
#include "dav/properties/values.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace dav {

namespace {

using contacts::Line;

constexpr std::string_view ending = ".vcf";

/// RFC 6350 6.1.4; of what can be borrowed, RFC 6869 3.
std::string_view kind_of_card(storage::AccountKind kind) {
  switch (kind) {
    case storage::AccountKind::group:
      return "group";
    case storage::AccountKind::room:
      return "location";
    case storage::AccountKind::resource:
      return "device";
    case storage::AccountKind::user:
      break;
  }
  return "individual";
}

/// The draft, 6: "this value MUST be persistent from query to query for the same directory record".
std::string uid_of(const storage::Account& account) {
  storage::Sha256 sha256;
  sha256.add("directory/" + std::to_string(account.id) + "/" + std::to_string(account.created) + "/" + account.name);
  std::string uid = storage::to_hex(sha256.finish()).substr(0, 32);
  uid[12] = '8';  // RFC 9562 5.8: version 8, whose bits are the maker's own
  uid[16] = 'a';
  for (const std::size_t place : {8U, 13U, 18U, 23U}) uid.insert(place, 1, '-');
  return "urn:uuid:" + uid;
}

std::string text_of_card(const storage::Account& account, const std::string& uid) {
  const std::string name = account.display_name.empty() ? account.name : account.display_name;
  std::vector<Line> lines{{{}, "UID", {}, uid},
                          {{}, "KIND", {}, std::string(kind_of_card(account.kind))},
                          {{}, "FN", {}, content::escape_text(name)}};
  for (const std::string& address : account.addresses) {
    Line& line = lines.emplace_back(Line{{}, "EMAIL", {}, content::escape_text(address)});
    if (&address == &account.addresses.front()) line.add("PREF", "1");
  }
  return contacts::write_card(lines, contacts::Version::v4);
}

}  // namespace

std::string_view directory_href() { return "/dav/directory/"; }

const storage::Collection& directory_collection() {
  static const storage::Collection collection = [] {
    storage::Collection made;
    made.kind = storage::CollectionKind::addressbook;
    made.name = "directory";
    return made;
  }();
  return collection;
}

std::optional<storage::Account> listed(storage::Account account, storage::Id finder) {
  if (account.disabled) return std::nullopt;
  if (account.id == finder) return account;
  if (account.listing == storage::Listing::hidden) return std::nullopt;
  if (account.listing == storage::Listing::name_only) account.addresses.clear();
  return account;
}

storage::Member directory_card(const storage::Account& account, storage::Timestamp now) {
  storage::Member member;
  member.id = -account.id;
  member.name = account.name + std::string(ending);
  member.facts.uid = uid_of(account);
  member.bytes = text_of_card(account, member.facts.uid);
  member.size = static_cast<std::int64_t>(member.bytes.size());
  member.media_type = card_media_type(contacts::Version::v4);
  member.facts.component = account.kind == storage::AccountKind::group ? "GROUP" : "VCARD";
  member.etag = storage::etag_of(member.bytes);
  member.created = account.created;
  member.modified = now;  // nobody notes when an account changes: a client is never told that nothing has
  return member;
}

void find_in_directory(storage::Transaction& transaction, Target& target) {
  const auto& names = target.address.segments;
  if (names.empty()) {
    target.kind = Kind::directory;
    target.exists = true;
    return;
  }
  target.kind = Kind::card;
  if (names.size() > 1) return;
  target.parent = directory_collection();
  const std::string& name = names.front();
  if (!name.ends_with(ending)) return;
  const auto account = transaction.account_named(name.substr(0, name.size() - ending.size()));
  const auto shown = account ? listed(*account, 0) : std::nullopt;
  if (!shown) return;
  target.member = directory_card(*shown, transaction.now());
  target.exists = true;
}

// draft-daboo-carddav-directory-gateway-02 3
bool read_directory_gateway(const Context& context, const Resource&, std::string& out) {
  if (!context.environment.settings.directory) return false;
  append_href(out, directory_href());
  return true;
}

}  // namespace dav
