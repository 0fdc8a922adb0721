#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dav {

/// A refusal that the protocols name: a precondition or postcondition element, or a bare status.
struct Condition {
  std::string_view ns;  ///< empty for a bare status
  std::string_view element;
  int status;
  std::string_view rfc;
};

/// The table: every refusal there is, one row a line (RFC 4918 16, 3744, 4791, 6352, 6578, 5689 …).
namespace condition {
inline constexpr std::string_view DAV = "DAV:";
inline constexpr std::string_view CALDAV = "urn:ietf:params:xml:ns:caldav";
inline constexpr std::string_view CARDDAV = "urn:ietf:params:xml:ns:carddav";
inline constexpr std::string_view CS = "http://calendarserver.org/ns/";

// Bare statuses.
inline constexpr Condition bad_request{"", "", 400, "RFC 9110 15.5.1"};
inline constexpr Condition unauthorized{"", "", 401, "RFC 9110 15.5.2"};
inline constexpr Condition forbidden{"", "", 403, "RFC 9110 15.5.4"};
inline constexpr Condition not_found{"", "", 404, "RFC 9110 15.5.5"};
inline constexpr Condition method_not_allowed{"", "", 405, "RFC 9110 15.5.6"};
inline constexpr Condition conflict{"", "", 409, "RFC 4918 9.7.1"};
inline constexpr Condition precondition_failed{"", "", 412, "RFC 9110 13.1"};
inline constexpr Condition content_too_large{"", "", 413, "RFC 9110 15.5.14"};
inline constexpr Condition unsupported_media_type{"", "", 415, "RFC 9110 15.5.16"};
inline constexpr Condition range_not_satisfiable{"", "", 416, "RFC 9110 15.5.17"};
inline constexpr Condition unprocessable{"", "", 422, "RFC 4918 11.2"};
inline constexpr Condition failed_dependency{"", "", 424, "RFC 4918 11.4"};
inline constexpr Condition not_implemented{"", "", 501, "RFC 9110 15.6.2"};
inline constexpr Condition bad_gateway{"", "", 502, "RFC 4918 9.8.5"};
inline constexpr Condition insufficient_storage{"", "", 507, "RFC 4918 11.5"};

// RFC 4918 16
inline constexpr Condition lock_token_matches_request_uri{DAV, "lock-token-matches-request-uri", 409, "RFC 4918 16"};
inline constexpr Condition lock_token_submitted{DAV, "lock-token-submitted", 423, "RFC 4918 16"};
inline constexpr Condition no_conflicting_lock{DAV, "no-conflicting-lock", 423, "RFC 4918 16"};
inline constexpr Condition no_external_entities{DAV, "no-external-entities", 403, "RFC 4918 16"};
inline constexpr Condition preserved_live_properties{DAV, "preserved-live-properties", 409, "RFC 4918 16"};
inline constexpr Condition propfind_finite_depth{DAV, "propfind-finite-depth", 403, "RFC 4918 16"};
inline constexpr Condition cannot_modify_protected_property{DAV, "cannot-modify-protected-property", 403,
                                                            "RFC 4918 16"};
// RFC 3744, 3253, 4331, 5689, 5995, 6578
inline constexpr Condition need_privileges{DAV, "need-privileges", 403, "RFC 3744 7.1.1"};
inline constexpr Condition supported_report{DAV, "supported-report", 403, "RFC 3253 3.6"};
inline constexpr Condition quota_not_exceeded{DAV, "quota-not-exceeded", 507, "RFC 4331 6"};
inline constexpr Condition sufficient_disk_space{DAV, "sufficient-disk-space", 507, "RFC 4331 6"};
inline constexpr Condition valid_resourcetype{DAV, "valid-resourcetype", 403, "RFC 5689 3.3"};
inline constexpr Condition allow_client_defined_uri{DAV, "allow-client-defined-uri", 403, "RFC 5995 3.2.2"};
inline constexpr Condition valid_sync_token{DAV, "valid-sync-token", 403, "RFC 6578 3.2"};
inline constexpr Condition sync_traversal_supported{DAV, "sync-traversal-supported", 403, "RFC 6578 3.3"};
inline constexpr Condition number_of_matches_within_limits{DAV, "number-of-matches-within-limits", 507, "RFC 6578 3.6"};
// RFC 4791 5.3.1, 5.3.2.1, 7.8
inline constexpr Condition resource_must_be_null{DAV, "resource-must-be-null", 405, "RFC 4791 5.3.1.1"};
inline constexpr Condition calendar_collection_location_ok{CALDAV, "calendar-collection-location-ok", 403,
                                                           "RFC 4791 5.3.1.1"};
inline constexpr Condition calendar_valid_calendar_data{CALDAV, "valid-calendar-data", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition supported_calendar_data{CALDAV, "supported-calendar-data", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition valid_calendar_object_resource{CALDAV, "valid-calendar-object-resource", 403,
                                                          "RFC 4791 5.3.2.1"};
inline constexpr Condition supported_calendar_component{CALDAV, "supported-calendar-component", 403,
                                                        "RFC 4791 5.3.2.1"};
inline constexpr Condition no_uid_conflict{CALDAV, "no-uid-conflict", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition max_resource_size{CALDAV, "max-resource-size", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition min_date_time{CALDAV, "min-date-time", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition max_date_time{CALDAV, "max-date-time", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition max_instances{CALDAV, "max-instances", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition max_attendees_per_instance{CALDAV, "max-attendees-per-instance", 403, "RFC 4791 5.3.2.1"};
inline constexpr Condition valid_filter{CALDAV, "valid-filter", 403, "RFC 4791 7.8"};
inline constexpr Condition supported_filter{CALDAV, "supported-filter", 403, "RFC 4791 7.8"};
inline constexpr Condition supported_collation{CALDAV, "supported-collation", 403, "RFC 4791 7.8"};
// RFC 7529 10, RFC 7809 5.2, RFC 6638 9.2
inline constexpr Condition supported_rscale{CALDAV, "supported-rscale", 403, "RFC 7529 10"};
inline constexpr Condition valid_timezone{CALDAV, "valid-timezone", 403, "RFC 7809 5.2"};
inline constexpr Condition valid_schedule_default_calendar_url{CALDAV, "valid-schedule-default-calendar-URL", 403,
                                                               "RFC 6638 9.2"};
// RFC 8607 3.11
inline constexpr Condition max_attachment_size{CALDAV, "max-attachment-size", 403, "RFC 8607 3.11"};
inline constexpr Condition max_attachments_per_resource{CALDAV, "max-attachments-per-resource", 403, "RFC 8607 3.11"};
inline constexpr Condition valid_action{CALDAV, "valid-action", 403, "RFC 8607 3.11"};
inline constexpr Condition valid_rid{CALDAV, "valid-rid", 403, "RFC 8607 3.11"};
inline constexpr Condition valid_managed_id{CALDAV, "valid-managed-id", 403, "RFC 8607 3.11"};
inline constexpr Condition valid_managed_id_parameter{CALDAV, "valid-managed-id-parameter", 403, "RFC 8607 3.11"};
// RFC 6352 6.3.2.1, 8.6
inline constexpr Condition supported_address_data{CARDDAV, "supported-address-data", 403, "RFC 6352 6.3.2.1"};
inline constexpr Condition valid_address_data{CARDDAV, "valid-address-data", 403, "RFC 6352 6.3.2.1"};
inline constexpr Condition card_no_uid_conflict{CARDDAV, "no-uid-conflict", 403, "RFC 6352 6.3.2.1"};
inline constexpr Condition card_max_resource_size{CARDDAV, "max-resource-size", 403, "RFC 6352 6.3.2.1"};
inline constexpr Condition addressbook_collection_location_ok{CARDDAV, "addressbook-collection-location-ok", 403,
                                                              "RFC 6352 6.3.2.1"};
inline constexpr Condition card_valid_filter{CARDDAV, "valid-filter", 403, "RFC 6352 8.6"};
inline constexpr Condition card_supported_filter{CARDDAV, "supported-filter", 403, "RFC 6352 8.6"};
inline constexpr Condition card_supported_collation{CARDDAV, "supported-collation", 403, "RFC 6352 8.3"};
}  // namespace condition

/// A refusal on its way to the one catch in dispatch. `reason` is sent as text a person can act on, and logged.
class Error : public std::exception {
 public:
  explicit Error(const Condition& condition, std::string reason = {})
      : condition_(condition), reason_(std::move(reason)) {}

  /// For conditions that name resources (no-uid-conflict, lock-token-submitted, need-privileges): paths, encoded.
  Error& with_href(std::string href) {
    hrefs_.push_back(std::move(href));
    return *this;
  }

  /// XML that stands within the condition's element: for need_privileges the DAV:privilege that is missing, for
  /// supported-filter the part of the filter. In the prefixes of xml.h.
  Error& with_detail(std::string xml) {
    detail_ = std::move(xml);
    return *this;
  }

  const char* what() const noexcept override { return reason_.c_str(); }
  const Condition& condition() const { return condition_; }
  int status() const { return condition_.status; }
  const std::string& reason() const { return reason_; }
  const std::vector<std::string>& hrefs() const { return hrefs_; }
  const std::string& detail() const { return detail_; }

 private:
  Condition condition_;
  std::string reason_;
  std::vector<std::string> hrefs_;
  std::string detail_;
};

/// The condition's element alone, for a DAV:error within a multistatus; empty for a bare status.
std::string condition_xml(const Error& error);

/// The DAV:error body for it (RFC 4918 8.7, 14.5); empty for a bare status.
std::string error_xml(const Error& error);

}  // namespace dav
