#include "dav/contacts/jscontact.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <variant>

#include "dav/contacts/card.h"
#include "dav/contacts/convert.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/content/json_tree.h"

namespace {

using namespace dav::contacts;

[[noreturn]] void fail(const char* why, const std::string& first, const std::string& second) {
  std::cerr << why << "\n" << first << "\n" << second << "\n";
  std::abort();
}

Card card_of(const std::string& text) {
  auto parsed = Card::parse(text);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) fail("no card", refusal->reason, text);
  return std::get<Card>(std::move(parsed));
}

std::string given(const Card& card) { return to_jscontact(card.component(), card.version()); }

/// A vCard that is valid becomes a Card that is valid, and of that comes what means the same.
void check_given(const Card& card) {
  const std::string json = given(card);
  const std::string fault = jscontact::find_fault(dav::content::parse_json(json, {.values = 50'000'000}));
  if (!fault.empty()) fail(fault.c_str(), card.bytes(), json);
  std::string back;
  try {
    back = from_jscontact(json);
  } catch (const NotJSContact& refusal) {
    fail(refusal.what(), card.bytes(), json);
  }
  const std::string again = given(card_of(back));
  if (!dav::content::same_json(dav::content::parse_json(again), dav::content::parse_json(json))) {
    fail("another meaning", json, again);
  }
}

}  // namespace

// Any octets: a vCard or a JSContact Card or neither; of either comes the other, and back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = Card::parse(text);
  if (const auto* card = std::get_if<Card>(&parsed)) check_given(*card);
  std::string vcard;
  try {
    vcard = from_jscontact(text);
  } catch (const NotJSContact&) {
    return 0;
  } catch (const dav::content::MalformedJson&) {
    return 0;
  }
  check_given(card_of(vcard));
  return 0;
}
