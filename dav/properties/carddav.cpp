#include <algorithm>
#include <array>

#include "dav/account_settings.h"
#include "dav/address_books.h"
#include "dav/directory.h"
#include "dav/form.h"
#include "dav/groups.h"
#include "dav/photos.h"
#include "dav/properties/tables.h"
#include "dav/properties/values.h"
#include "dav/reports/data.h"

namespace dav {

namespace {

constexpr std::string_view CARDDAV = condition::CARDDAV;

// RFC 6352 6.2.2
bool supported_address_data(const Context&, const Resource&, std::string& out) {
  for (const std::string_view version : {"3.0", "4.0"}) {
    out.append("<A:address-data-type content-type=\"text/vcard\" version=\"").append(version).append("\"/>");
  }
  out.append("<A:address-data-type content-type=\"").append(card_json).append("\" version=\"4.0\"/>");
  out.append("<A:address-data-type content-type=\"").append(jscontact_json);
  out.append("\" version=\"").append(jscontact_version).append("\"/>");
  return true;
}

// RFC 6352 6.2.3
bool max_resource_size(const Context& context, const Resource&, std::string& out) {
  out += std::to_string(context.environment.settings.max_object_size);
  return true;
}

/// An image as large as a card may be, once it is base64 and has a name beside it. Apple's programs ask for it; a card
/// with a larger one is refused for its own size alone.
bool max_image_size(const Context& context, const Resource&, std::string& out) {
  constexpr std::int64_t name = 1024;
  out += std::to_string(std::max<std::int64_t>(context.environment.settings.max_object_size / 4 * 3 - name, 0));
  return true;
}

// RFC 6352 7.1.1
bool addressbook_home_set(const Context&, const Resource& resource, std::string& out) {
  append_href(out, home_href(Address::Area::addressbooks, resource.account->name));
  return true;
}

// RFC 6352 8.3.1
bool supported_collation_set(const Context&, const Resource&, std::string& out) {
  for (const std::string_view collation : {"i;ascii-casemap", "i;octet", "i;unicode-casemap"}) {
    out.append("<A:supported-collation>").append(collation).append("</A:supported-collation>");
  }
  return true;
}

// RFC 6352 10.4: not a property, but asked for like one in reports.
bool address_data(const Context& context, const Resource& resource, std::string& out) {
  return resource.data && append_address_data(context, resource, out);
}

bool directory_name(const Context&, const Resource&, std::string& out) {
  out += "Directory";
  return true;
}

bool directory_description(const Context&, const Resource&, std::string& out) {
  out += "Everybody who has an account here. It is searched, not listed.";
  return true;
}

constexpr KindSet books{Kind::addressbook};
constexpr KindSet books_and_directory{Kind::addressbook, Kind::directory};
constexpr KindSet directory{Kind::directory};

constexpr std::array table{
    // RFC 6352 6.2
    PropertyRow{CARDDAV, "addressbook-description", books, false, nullptr, accept_text},
    PropertyRow{CARDDAV, "supported-address-data", books_and_directory, false, supported_address_data, nullptr},
    PropertyRow{CARDDAV, "max-resource-size", KindSet(Kind::addressbook, Kind::addressbook_home, Kind::directory),
                false, max_resource_size, nullptr},
    PropertyRow{CARDDAV, "max-image-size", KindSet(Kind::addressbook, Kind::addressbook_home), false, max_image_size,
                nullptr},
    PropertyRow{CARDDAV, "default-addressbook-URL", KindSet{Kind::addressbook_home}, false, read_default_address_book,
                check_default_address_book},
    PropertyRow{PILEUS, "group-mode", books, false, read_group_mode, check_group_mode},
    PropertyRow{PILEUS, "photo-size", books, false, read_photo_size, check_photo_size},
    // RFC 6352 7.1.1, 7.1.2, 8.3.1, 10.4
    PropertyRow{CARDDAV, "addressbook-home-set", KindSet{Kind::principal}, false, addressbook_home_set, nullptr},
    PropertyRow{CARDDAV, "principal-address", KindSet{Kind::principal}, false, read_principal_address, nullptr},
    PropertyRow{CARDDAV, "supported-collation-set", books_and_directory, false, supported_collation_set, nullptr},
    // draft-daboo-carddav-directory-gateway-02 3, 6
    PropertyRow{CARDDAV, "directory-gateway", KindSet(Kind::principal, Kind::addressbook_home), false,
                read_directory_gateway, nullptr},
    PropertyRow{condition::DAV, "displayname", directory, true, directory_name, nullptr},
    PropertyRow{CARDDAV, "addressbook-description", directory, false, directory_description, nullptr},
    // What the account has a say in.
    PropertyRow{PILEUS, "listing", KindSet{Kind::addressbook_home}, false, read_listing, check_listing},
    PropertyRow{PILEUS, "merged-book", KindSet{Kind::addressbook_home}, false, read_merged_book, check_merged_book},
    PropertyRow{CARDDAV, "address-data", KindSet{Kind::card}, false, address_data, nullptr},
};

}  // namespace

std::span<const PropertyRow> carddav_properties() { return table; }

}  // namespace dav
