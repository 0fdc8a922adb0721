#include "dav/attachments.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "dav/access.h"
#include "dav/calendar/attachment.h"
#include "dav/content/text.h"
#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/headers.h"
#include "dav/methods/media_types.h"
#include "dav/methods/representation.h"

namespace dav {

namespace {

enum class Operation { add, update, remove };

/// What the query of a POST asks for. RFC 8607 3.3
struct Asked {
  Operation operation = Operation::add;
  calendar::AttachmentScope instances;
  std::string managed_id;
};

/// An attachment on its way in.
struct Upload {
  storage::StagedBlob blob;
  std::string name;
  std::string media_type;
};

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const bool escaped =
        text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3;
    out += escaped ? static_cast<char>(value) : text[i];
    if (escaped) i += 2;
  }
  return out;
}

/// The values of a parameter of the query.
std::vector<std::string> query_values(std::string_view query, std::string_view name) {
  std::vector<std::string> values;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    if (decoded(pair.substr(0, equals)) != name) continue;
    values.push_back(decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return values;
}

// RFC 8607 3.3.1
Operation read_operation(std::string_view query) {
  const auto actions = query_values(query, "action");
  if (actions.size() == 1) {
    if (actions[0] == "attachment-add") return Operation::add;
    if (actions[0] == "attachment-update") return Operation::update;
    if (actions[0] == "attachment-remove") return Operation::remove;
  }
  throw Error{condition::valid_action, "one action: attachment-add, attachment-update or attachment-remove"};
}

// RFC 8607 3.3.2
calendar::AttachmentScope read_instances(std::string_view query, Operation operation) {
  const auto values = query_values(query, "rid");
  if (values.empty()) return std::nullopt;
  if (values.size() > 1 || operation == Operation::update) {
    throw Error{condition::valid_rid, "one rid for adding and removing, none for updating"};
  }
  std::vector<std::string> names;
  for (const std::string_view part : content::split(values[0], ',')) {
    std::string name = content::upper(part);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      throw Error{condition::valid_rid, "rid names an instance twice"};
    }
    names.push_back(std::move(name));
  }
  return names;
}

Asked read_query(std::string_view query) {
  Asked asked;
  asked.operation = read_operation(query);
  asked.instances = read_instances(query, asked.operation);
  const auto ids = query_values(query, "managed-id");
  // RFC 8607 3.3.3
  if (ids.size() != (asked.operation == Operation::add ? 0U : 1U)) {
    throw Error{condition::valid_managed_id, "one managed-id for updating and removing, none for adding"};
  }
  if (!ids.empty()) asked.managed_id = ids[0];
  return asked;
}

std::shared_ptr<const Upload> read_upload(const Request& request, const Environment& environment) {
  const Settings& settings = environment.settings;
  if (request.body.size() > static_cast<std::uint64_t>(settings.max_attachment_size)) {
    throw Error{condition::max_attachment_size,
                "an attachment may have at most " + std::to_string(settings.max_attachment_size) + " octets"};
  }
  auto upload = std::make_shared<Upload>();
  upload->name = file_name_of(request.headers.find("Content-Disposition").value_or(""));
  upload->media_type = type_of_file(request.headers.find("Content-Type").value_or(""), upload->name);
  upload->blob = environment.store.stage(request.body.share());
  return upload;
}

/// RFC 8607 3.12.2: "Servers MUST prevent attendees of scheduled events from adding, updating, or removing managed
/// attachments."
void check_organizer(const Context& context, const calendar::Object& object) {
  const auto& own = context.target.account->addresses;
  const auto is_own = [&](std::string_view address) {
    if (address.size() < 7 || !content::equal_ignoring_case(address.substr(0, 7), "mailto:")) return false;
    address.remove_prefix(7);
    return std::any_of(own.begin(), own.end(),
                       [&](const auto& mine) { return content::equal_ignoring_case(mine, address); });
  };
  if (object.organizer().empty() || is_own(object.organizer())) return;
  for (const content::Component* part : object.parts()) {
    for (const content::Property& property : part->properties) {
      if (!property.is("ATTENDEE") || !is_own(property.value)) continue;
      throw Error{condition::forbidden, "the attachments of a meeting are its organizer's"};
    }
  }
}

std::string attachment_path(const storage::Account& account, const storage::Attachment& attachment) {
  Address address;
  address.area = Address::Area::attachments;
  address.account = account.name;
  address.segments = {attachment.managed_id, attachment.name};
  return encode(address, false);
}

std::size_t distinct(const std::vector<calendar::ManagedAttachment>& attachments) {
  std::set<std::string_view> ids;
  for (const auto& attachment : attachments) ids.insert(attachment.managed_id);
  return ids.size();
}

void check_count(const Settings& settings, std::size_t count) {
  if (count <= static_cast<std::size_t>(settings.max_attachments_per_object)) return;
  throw Error{condition::max_attachments_per_resource,
              "an object may have at most " + std::to_string(settings.max_attachments_per_object) + " attachments"};
}

/// The object as it is to become, and the attachment that it then has.
struct Edit {
  std::string bytes;
  std::optional<storage::Attachment> attachment;
};

Edit edit(Context& context, const calendar::Object& object, const Asked& asked, const Upload* upload) {
  const calendar::ZoneScope scope(context.environment.zones, object.calendar());
  Edit result;
  calendar::AttachmentLine line;
  if (upload != nullptr) {
    result.attachment =
        context.transaction.add_attachment(context.target.account->id, upload->blob, upload->name, upload->media_type);
    const std::string origin = context.request.scheme + "://" + context.request.authority;
    line = {result.attachment->managed_id, origin + attachment_path(*context.target.account, *result.attachment),
            media_type(upload->media_type), upload->name, std::to_string(upload->blob.size)};
  }
  calendar::Edited edited;
  switch (asked.operation) {
    case Operation::add:
      check_count(context.environment.settings, distinct(calendar::managed_attachments(object)) + 1);
      edited = calendar::add_attachment(object, scope, asked.instances, line);
      break;
    case Operation::update:
      edited = calendar::update_attachment(object, asked.managed_id, line);
      break;
    case Operation::remove:
      edited = calendar::remove_attachment(object, scope, asked.instances, asked.managed_id);
      break;
  }
  if (const auto* fault = std::get_if<calendar::AttachmentFault>(&edited)) {
    if (*fault == calendar::AttachmentFault::valid_rid) {
      throw Error{condition::valid_rid, "rid names an instance that the object has not"};
    }
    throw Error{condition::valid_managed_id, "the instance has no attachment of that managed-id"};
  }
  result.bytes = std::get<std::string>(std::move(edited));
  return result;
}

storage::Spool spool_of(std::string_view bytes) { return storage::Spool(bytes); }

// RFC 8607 3.4 to 3.6
Response act(Context& context, const Asked& asked, const Upload* upload) {
  const Target& target = context.target;
  permit(context.transaction, context.principal, target, Privilege::write_content);
  const auto now = read_incoming(Kind::calendar_object, "", "", spool_of(context.transaction.bytes(*target.member)),
                                 context.environment);
  check_organizer(context, *now->object);
  const Edit edited = edit(context, *now->object, asked, upload);
  const auto next = read_incoming(Kind::calendar_object, "", "", spool_of(edited.bytes), context.environment);
  check_incoming(context, *next, {*target.parent, parent_href(target), &*target.member});
  const Kept kept = keep(context, *next, target.parent->id, target.name);

  Response response = answer_change(context, kept.member, asked.operation == Operation::add);
  // Without the object itself the tag would be taken for that of what was sent.
  if (!preferences(context.request.headers).representation) response.headers.remove("ETag");
  if (!edited.attachment) return response;
  response.headers.set("Cal-Managed-ID", edited.attachment->managed_id);
  if (asked.operation == Operation::add) {
    response.headers.set("Location", attachment_path(*target.account, *edited.attachment));
  }
  return response;
}

/// The last name of a path, of Windows' kind too.
std::string_view last_name(std::string_view path) { return path.substr(path.find_last_of("/\\") + 1); }

}  // namespace

bool asks_for_attachment(const Request& head) {
  if (head.method != "POST") return false;
  const Address address = parse_path(head.path);
  return address.area == Address::Area::calendars && address.segments.size() >= 2;
}

Action prepare_attachment(const Request& request, const Environment& environment) {
  const Asked asked = read_query(request.query);
  std::shared_ptr<const Upload> upload;
  if (asked.operation != Operation::remove) upload = read_upload(request, environment);
  return [asked, upload](Context& context) { return act(context, asked, upload.get()); };
}

void check_attachments(Context& context, const Incoming& incoming, storage::Id account) {
  const auto named = calendar::managed_attachments(*incoming.object);
  if (named.empty()) return;
  check_count(context.environment.settings, distinct(named));
  for (const auto& one : named) {
    const auto attachment = context.transaction.attachment(one.managed_id);
    if (attachment && attachment->account == account) continue;
    throw Error{condition::valid_managed_id_parameter, "there is no attachment with the MANAGED-ID " + one.managed_id};
  }
}

// RFC 6266 4.3, RFC 8187 3.2
std::string file_name_of(std::string_view content_disposition) {
  constexpr std::size_t longest = 200;
  std::string given = media_parameter(content_disposition, "filename");
  const std::string extended = media_parameter(content_disposition, "filename*");
  if (const auto language = extended.find('\''); language != std::string::npos) {
    const auto value = extended.find('\'', language + 1);
    const std::string text = value == std::string::npos ? std::string() : decoded(extended.substr(value + 1));
    const bool utf8 = content::equal_ignoring_case(extended.substr(0, language), "UTF-8");
    if (utf8 && content::is_utf8(text) && !text.empty()) given = text;
  }
  const bool utf8 = content::is_utf8(given);
  std::string name;
  for (const char c : last_name(given)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) continue;
    name += utf8 || octet < 0x80 ? c : '_';
  }
  if (name.size() > longest) name.resize(longest);
  while (!name.empty() && !content::is_utf8(name)) name.pop_back();
  while (!name.empty() && (name.front() == ' ' || name.front() == '.')) name.erase(0, 1);
  while (!name.empty() && (name.back() == ' ' || name.back() == '.')) name.pop_back();
  return name.empty() ? "attachment" : name;
}

}  // namespace dav
