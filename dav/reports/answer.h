#pragma once

#include <optional>
#include <string>

#include "dav/headers.h"
#include "dav/reports/data.h"
#include "dav/walk.h"

namespace dav {

/// What most reports ask for besides their own: properties, how much of the data, and preferences.
struct ReportRequest {
  PropertyRequest properties;
  DataOptions data;
  Preferences preferences;
};

/// Reads the parts of a report's body that are the same in most. A report that names no properties asks for none.
ReportRequest read_report_request(const xml::Element& root, const Request& request, const Environment& environment);

/// The answer of a report over resources: a walk whose visits are written.
class ReportAnswer {
 public:
  ReportAnswer(const Context& context, const ReportRequest& request);
  ReportAnswer(const ReportAnswer&) = delete;
  ReportAnswer& operator=(const ReportAnswer&) = delete;

  Walk& walk() { return walk_; }
  Multistatus& multistatus() { return multistatus_; }

  bool needs_stored(Kind kind) { return writer_.needs_stored(kind); }

  /// Whether the bytes are to be loaded with members of that kind.
  storage::WithBytes bytes(Kind kind) {
    return writer_.needs_bytes(kind) ? storage::WithBytes::yes : storage::WithBytes::no;
  }

  /// Writes one resource; `object` is what its bytes read as, where that is known.
  void write(Resource resource, const calendar::Object* object = nullptr);

  Response finish(std::string_view trailer = {});

 private:
  const Context& context_;
  Preferences preferences_;
  DataOptions data_;
  storage::Id photos_for_ = 0;  ///< the book that data_.card_form.photo_side is of
  storage::Id zone_for_ = 0;    ///< the calendar that data_.floating_zone is of
  Multistatus multistatus_;
  PropertyWriter writer_;
  Walk walk_;
};

}  // namespace dav
