#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "dav/contacts/card.h"

namespace dav::contacts {

/// What was given is no JSContact Card. The reason is for people: it has the JSON pointer of what is wrong.
class NotJSContact : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// It is of another version than 1.0.
class OtherJSContact : public NotJSContact {
 public:
  using NotJSContact::NotJSContact;
};

/// The card, or a part of one, as a JSContact Card (RFC 9553) of version 1.0, by the rules of RFC 9555.
///
/// Nothing is lost: what has no counterpart stands in vCardParams and vCardProps. A property whose way back would not
/// lead to what it meant stands there as well, instead of being converted.
std::string to_jscontact(const content::Component& card, Version version);

/// The vCard of version 4.0 that a JSContact Card stands for. What has no counterpart becomes JSPROP (RFC 9555 3.2.1),
/// so that to_jscontact gives the same Card again, but for what goes without saying. Throws NotJSContact,
/// OtherJSContact, and content::MalformedJson for what is no JSON.
std::string from_jscontact(std::string_view text);

}  // namespace dav::contacts
