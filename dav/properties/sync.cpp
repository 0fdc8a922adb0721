#include <array>

#include "dav/properties/tables.h"
#include "dav/properties/values.h"

namespace dav {

namespace {

// RFC 6578 4, and caldav-ctag 4.1: two names of one counter, which takes a new value with every change of content or of
// a property, and with nothing else (sync-rules 9).
bool token(const Context& context, const Resource& resource, std::string& out) {
  append_sync_token(out, context.transaction.epoch(), resource.collection->id, resource.collection->modseq);
  return true;
}

constexpr std::array table{
    PropertyRow{condition::DAV, "sync-token", all_stored, false, token, nullptr},
    PropertyRow{condition::CS, "getctag", all_stored, false, token, nullptr},
};

}  // namespace

std::span<const PropertyRow> sync_properties() { return table; }

}  // namespace dav
