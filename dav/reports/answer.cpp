#include "dav/reports/answer.h"

#include "dav/card_version.h"
#include "dav/photos.h"

namespace dav {

ReportRequest read_report_request(const xml::Element& root, const Request& request, const Environment& environment) {
  ReportRequest read;
  const auto properties = read_property_request(root);
  read.properties = properties.value_or(PropertyRequest{PropertyRequest::What::named, {}});
  read.data = read_data_options(root, request, environment);
  if (!read.data.card.version) read.data.card.version = version_read_by(request.headers);
  read.preferences = preferences(request.headers);
  return read;
}

ReportAnswer::ReportAnswer(const Context& context, const ReportRequest& request)
    : context_(context),
      preferences_(request.preferences),
      data_(request.data),
      multistatus_(context.environment.store.spool_directory()),
      writer_(request.properties, request.preferences.minimal),
      walk_(
          context,
          [this](Kind kind) {
            return Needs{writer_.needs_stored(kind), bytes(kind)};
          },
          [this](const Resource& resource) { write(resource); }) {}

void ReportAnswer::write(Resource resource, const calendar::Object* object) {
  if (!data_.calendar.is_whole() && resource.parent && resource.parent->id != zone_for_) {
    data_.floating_zone = &data_.zone.of(context_, *resource.parent);
    zone_for_ = resource.parent->id;
  }
  if (data_.wants_cards && resource.kind == Kind::card && resource.parent && resource.parent->id != photos_for_) {
    data_.card_form.photo_side = photo_side(context_, resource.parent->id);
    photos_for_ = resource.parent->id;
  }
  data_.object = object;
  resource.data = &data_;
  writer_.write(context_, resource, multistatus_);
}

Response ReportAnswer::finish(std::string_view trailer) {
  auto response = multistatus_.finish(trailer);
  apply_preferences(preferences_, true, false, response.headers);
  return response;
}

}  // namespace dav
