#include "dav/tzdist.h"

#include <array>
#include <utility>

#include "dav/accept.h"
#include "dav/calendar/jcal.h"
#include "dav/calendar/onsets.h"
#include "dav/calendar/vtimezone.h"
#include "dav/calendar/zone_catalog.h"
#include "dav/conditions_rules.h"
#include "dav/content/encoding.h"
#include "dav/content/json.h"
#include "dav/dispatch_answer.h"
#include "dav/form.h"
#include "dav/tzdist_query.h"

namespace dav::tzdist {

namespace {

using calendar::Onset;
using calendar::Seconds;
using calendar::ZoneCatalog;

constexpr Problem no_action{404, "invalid-action", "There is no such action here"};
constexpr Problem bad_method{405, "invalid-action", "The service answers GET and HEAD"};
constexpr Problem bad_changedsince{400, "invalid-changedsince", "changedsince stands more than once"};
constexpr Problem bad_pattern{400, "invalid-pattern", "The pattern stands more than once or can't be read"};
constexpr Problem no_such_zone{404, "tzid-not-found", "Time zone identifier was not found on this server"};
constexpr Problem bad_format{406, "invalid-format",
                             "Time zones are given as text/calendar and application/calendar+json"};
constexpr Problem bad_start{400, "invalid-start", "start is missing, stands more than once, or is no UTC date-time"};
constexpr Problem bad_end{400, "invalid-end",
                          "end is missing, stands more than once, is no UTC date-time, or not after the start"};

/// Beyond this an expansion isn't continued: rules say little of so far a time, and answers stay small.
constexpr calendar::Civil horizon{.year = 2500};

void append_member(std::string& out, std::string_view name, std::string_view value) {
  content::append_json_string(out, name);
  out += ':';
  content::append_json_string(out, value);
}

Response json(std::string body) { return dav::answer(200, "application/json; charset=utf-8", std::move(body)); }

// RFC 7808 4.1.7, RFC 7807 3
Response refuse(const Problem& problem) {
  std::string body = "{";
  append_member(body, "type", std::string("urn:ietf:params:tzdist:error:").append(problem.error));
  body += ',';
  append_member(body, "title", problem.title);
  body.append(",\"status\":").append(std::to_string(problem.status)).append("}\n");
  Response response = dav::answer(problem.status, "application/problem+json; charset=utf-8", std::move(body));
  response.headers.add("Content-Language", "en");
  if (problem.status == 405) response.headers.add("Allow", "GET, HEAD");
  response.refusal = problem.error;
  return response;
}

/// What doesn't change before the system's data does. RFC 7808 4.1.4: clients ask once a day.
Response with_tag(const Request& request, Response response, const std::string& tag) {
  const Validators current{true, tag, std::nullopt};
  const Verdict verdict = evaluate_preconditions(request.headers, true, current, 0);
  if (verdict == Verdict::failed) response = dav::answer(412);
  if (verdict == Verdict::not_modified) response = dav::answer(304);
  response.headers.set("ETag", '"' + tag + '"');
  response.headers.set("Cache-Control", "public, max-age=3600");
  return response;
}

std::string_view version_of(const ZoneCatalog& catalog) {
  return catalog.version().empty() ? std::string_view("unknown") : std::string_view(catalog.version());
}

struct ActionRow {
  std::string_view name;
  std::string_view template_;  ///< below the context path
  std::array<std::string_view, 2> parameters;
  bool required;
};

// RFC 7808 5
constexpr std::array actions{
    ActionRow{"capabilities", "/capabilities", {}, false},
    ActionRow{"list", "/zones{?changedsince}", {"changedsince"}, false},
    ActionRow{"get", "/zones{/tzid}{?start,end}", {"start", "end"}, false},
    ActionRow{"expand", "/zones{/tzid}/observances{?start,end}", {"start", "end"}, true},
    ActionRow{"find", "/zones{?pattern}", {"pattern"}, true},
    ActionRow{"leapseconds", "/leapseconds", {}, false},
};

// RFC 7808 5.1, 6.1
Response capabilities(const ZoneCatalog& catalog) {
  std::string body = "{\"version\":1,\"info\":{";
  append_member(body, "primary-source", std::string("IANA:").append(version_of(catalog)));
  body +=
      ",\"formats\":[\"text/calendar\",\"application/calendar+json\"],"
      "\"truncated\":{\"any\":true,\"untruncated\":true}},\"actions\":[";
  for (const ActionRow& action : actions) {
    if (&action != actions.data()) body += ',';
    body += '{';
    append_member(body, "name", action.name);
    body += ',';
    append_member(body, "uri-template", std::string(context_path).append(action.template_));
    body += ",\"parameters\":[";
    for (const auto& parameter : action.parameters) {
      if (parameter.empty()) continue;
      if (&parameter != action.parameters.data()) body += ',';
      body += '{';
      append_member(body, "name", parameter);
      body.append(",\"required\":").append(action.required ? "true" : "false").append(",\"multi\":false}");
    }
    body += "]}";
  }
  return json(body += "]}\n");
}

// RFC 7808 6.2
void append_zone(std::string& out, const ZoneCatalog::Entry& entry, const ZoneCatalog::Data& data,
                 std::string_view version) {
  out += '{';
  append_member(out, "tzid", entry.name);
  out += ',';
  append_member(out, "etag", data.tag);
  out += ',';
  append_member(out, "last-modified", print_instant(data.modified));
  out += ",\"publisher\":\"IANA\",";
  append_member(out, "version", version);
  if (!entry.aliases.empty()) {
    out += ",\"aliases\":[";
    for (const auto& alias : entry.aliases) {
      if (&alias != entry.aliases.data()) out += ',';
      content::append_json_string(out, alias);
    }
    out += ']';
  }
  out += '}';
}

/// Changes with anything that a list says.
std::string sync_token(const ZoneCatalog& catalog) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const auto& entry : catalog.entries()) {
    const auto* data = catalog.data(entry.name);
    if (!data) continue;
    for (const char c : data->tag) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    hash = (hash ^ static_cast<std::uint64_t>(data->modified)) * 0x100000001B3;
  }
  return std::string(version_of(catalog)) + "-" + std::to_string(hash);
}

/// The zones of which it says yes.
template <class Wanted>
Response zones(const ZoneCatalog& catalog, const std::string& token, Wanted wanted) {
  std::string body = "{";
  append_member(body, "synctoken", token);
  body += ",\"timezones\":[";
  bool first = true;
  for (const auto& entry : catalog.entries()) {
    if (!wanted(entry)) continue;
    const auto* data = catalog.data(entry.name);
    if (!data) continue;
    if (!first) body += ',';
    first = false;
    append_zone(body, entry, *data, version_of(catalog));
  }
  Response response = json(body += "]}\n");
  response.headers.set("Cache-Control", "public, max-age=3600");
  return response;
}

// RFC 7808 5.2: of a token that isn't known, "the server MUST return all time zones".
Response list(const Parameters& parameters, const ZoneCatalog& catalog) {
  const auto since = parameters.once("changedsince", bad_changedsince);
  const std::string token = sync_token(catalog);
  return zones(catalog, token, [&](const ZoneCatalog::Entry&) { return since != token; });
}

// RFC 7808 5.5
Response find(const std::string& text, const ZoneCatalog& catalog) {
  const auto pattern = Pattern::parse(text);
  if (!pattern) throw bad_pattern;
  return zones(catalog, sync_token(catalog), [&](const ZoneCatalog::Entry& entry) {
    if (pattern->matches(entry.name)) return true;
    for (const auto& alias : entry.aliases) {
      if (pattern->matches(alias)) return true;
    }
    return false;
  });
}

std::optional<Seconds> instant_in(const Parameters& parameters, std::string_view name, const Problem& problem) {
  const auto text = parameters.once(name, problem);
  if (!text) return std::nullopt;
  const auto instant = parse_instant(*text);
  if (!instant) throw problem;
  return instant;
}

// RFC 7808 5.3
Response get(const Request& request, const Parameters& parameters, const std::string& tzid,
             const ZoneCatalog& catalog) {
  const auto* data = catalog.data(tzid);
  if (!data) throw no_such_zone;
  constexpr std::array<std::string_view, 2> types{"text/calendar", calendar_json};
  const auto accept = request.headers.joined("Accept");
  const auto type = accept ? acceptable_type(*accept, types) : 0;
  if (!type) throw bad_format;
  calendar::VtimezoneRequest wanted;
  wanted.start = instant_in(parameters, "start", bad_start);
  wanted.end = instant_in(parameters, "end", bad_end);
  if (wanted.start && wanted.end && *wanted.end <= *wanted.start) throw bad_end;

  std::string text = data->vtimezone;
  std::string tag = data->tag;
  if (wanted.start || wanted.end) {
    const std::string& name = catalog.find(tzid)->name;
    if (name != tzid) wanted.alias_of.push_back(name);
    text = calendar::write_vtimezone(tzid, data->file, wanted);
    tag += '-' + (wanted.start ? calendar::print_utc(*wanted.start) : "") + '-' +
           (wanted.end ? calendar::print_utc(*wanted.end) : "");
  }
  text = calendar::calendar_with_vtimezone(text);
  if (*type == 1) {
    tag += "-json";
    const auto document = content::Document::parse(std::move(text), content::Dialect::icalendar);
    text = calendar::to_jcal(document.components().front());
  }
  Response response =
      dav::answer(200, std::string(types[*type]) + (*type == 0 ? "; charset=utf-8" : ""), std::move(text));
  response = with_tag(request, std::move(response), tag);
  response.headers.set("Vary", "Accept");
  return response;
}

void append_onset(std::string& out, const Onset& onset) {
  out += '{';
  append_member(out, "name", onset.is_daylight ? "Daylight" : "Standard");
  out += ',';
  append_member(out, "onset", print_instant(onset.at));
  out.append(",\"utc-offset-from\":").append(std::to_string(onset.offset_before));
  out.append(",\"utc-offset-to\":").append(std::to_string(onset.offset)).append("}");
}

// RFC 7808 5.4, 6.3
Response expand(const Request& request, const Parameters& parameters, const std::string& tzid,
                const ZoneCatalog& catalog) {
  const auto* data = catalog.data(tzid);
  if (!data) throw no_such_zone;
  const auto start = instant_in(parameters, "start", bad_start);
  if (!start || *start >= calendar::from_civil(horizon)) throw bad_start;
  const auto end = instant_in(parameters, "end", bad_end);
  if (!end || *end <= *start) throw bad_end;
  const Seconds until = std::min(*end, calendar::from_civil(horizon));

  std::string body = "{";
  append_member(body, "tzid", tzid);
  if (until != *end) {
    body += ',';
    append_member(body, "end", print_instant(until));
  }
  body += ",\"observances\":[";
  const calendar::Onsets onsets = calendar::onsets_between(data->file, *start, until);
  append_onset(body, onsets.initial);
  for (const Onset& onset : onsets.single) append_onset(body += ',', onset);
  return with_tag(request, json(body += "]}\n"), data->tag);
}

// RFC 7808 5.6, 6.4
Response leap_seconds(const ZoneCatalog& catalog) {
  const auto known = catalog.leap_seconds();
  if (!known) throw no_action;
  std::string body = "{";
  append_member(body, "expires", print_date(known->expires));
  body += ",\"publisher\":\"IANA\",";
  append_member(body, "version", version_of(catalog));
  body += ",\"leapseconds\":[";
  for (const auto& step : known->steps) {
    if (&step != known->steps.data()) body += ',';
    body.append("{\"utc-offset\":").append(std::to_string(step.offset)).append(",");
    append_member(body, "onset", print_date(step.onset));
    body += '}';
  }
  return json(body += "]}\n");
}

/// An identifier's slashes are encoded in a template (RFC 7808 4.1); as segments of the path they are understood too.
Response zone_action(const Request& request, std::string_view rest, const ZoneCatalog& catalog) {
  constexpr std::string_view observances = "/observances";
  const Parameters parameters(request.query);
  if (rest.ends_with(observances)) {
    rest.remove_suffix(observances.size());
    return expand(request, parameters, content::decode_percent(rest), catalog);
  }
  return get(request, parameters, content::decode_percent(rest), catalog);
}

Response act(const Request& request, const ZoneCatalog& catalog) {
  if (request.method != "GET" && request.method != "HEAD") throw bad_method;
  std::string_view path = request.path;
  path.remove_prefix(context_path.size());
  while (path.ends_with('/')) path.remove_suffix(1);
  // What a client finds at the place that it was led to.
  if (path.empty() || path == "/capabilities") return capabilities(catalog);
  if (path == "/leapseconds") return leap_seconds(catalog);
  constexpr std::string_view zones_path = "/zones";
  if (path == zones_path) {
    const Parameters parameters(request.query);
    const auto pattern = parameters.once("pattern", bad_pattern);
    return pattern ? find(*pattern, catalog) : list(parameters, catalog);
  }
  if (!path.starts_with("/zones/")) throw no_action;
  return zone_action(request, path.substr(zones_path.size() + 1), catalog);
}

}  // namespace

bool is_ours(std::string_view path) {
  return path.starts_with(context_path) && (path.size() == context_path.size() || path[context_path.size()] == '/');
}

Response answer(const Request& request, const ZoneCatalog& catalog) {
  try {
    return act(request, catalog);
  } catch (const Problem& problem) {
    return refuse(problem);
  } catch (const Error& error) {
    return dav::refuse(error);  // a conditional header that can't be read
  }
}

}  // namespace dav::tzdist
