#include "dav/reports/data.h"

#include "dav/content/text.h"

namespace dav {

std::string octets_of(const Context& context, const storage::Member& member) {
  if (!member.bytes.empty() || member.size == 0) return member.bytes;
  const auto segment = context.transaction.content(member);
  if (!segment.file) return segment.bytes;
  std::string text(segment.length, '\0');
  text.resize(segment.file->read(text.data(), text.size(), segment.offset));
  return text;
}

DataOptions read_data_options(const xml::Element&) { return {}; }

bool append_calendar_data(const Context& context, const Resource& resource, std::string& out) {
  xml::escape(out, content::mend_folds(octets_of(context, *resource.member)));
  return true;
}

bool append_address_data(const Context& context, const Resource& resource, std::string& out) {
  xml::escape(out, content::mend_folds(octets_of(context, *resource.member)));
  return true;
}

}  // namespace dav
