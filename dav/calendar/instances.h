#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "dav/calendar/object.h"
#include "dav/calendar/property_value.h"
#include "dav/calendar/recurrence.h"
#include "dav/calendar/rule.h"
#include "dav/calendar/zone_scope.h"

namespace dav::calendar {

/// Instants from `start` (inclusive) to `end` (not inclusive); without bounds unless set.
struct TimeRange {
  Seconds start = from_civil({.year = first_year - 1});
  Seconds end = from_civil({.year = last_year + 2});
};

/// One occurrence of an object: which component describes it, and when it is.
struct Instance {
  const content::Component* part = nullptr;
  DateTime start;              ///< its DTSTART in the form of the part's; of a VTODO without DTSTART, its DUE
  Seconds start_utc = 0;       ///< of `start`
  Seconds end_utc = 0;         ///< by DTEND, DUE, DURATION, a period; else one day after a date, or `start_utc`
  std::optional<DateTime> id;  ///< its RECURRENCE-ID, in the form of the master's DTSTART; nothing if nothing recurs
  bool is_override = false;    ///< a component of its own describes it
};

/// When a component is and how long, as its properties say.
struct Shape {
  explicit Shape(const content::Component& component, const ZoneScope& scope);

  const content::Component* part;
  std::optional<DateTime> start;  ///< DTSTART, else DUE; nothing for a task or journal without both
  bool has_start = false;         ///< DTSTART is there
  bool has_end = false;           ///< DTEND or DUE is there
  bool has_duration = false;
  Duration length;  ///< nominal days and exact seconds from the start to the end

  /// The end of an occurrence that starts then.
  Seconds end_of(const DateTime& occurrence, const ZoneScope& scope) const;
};

/// The occurrences of an object: DTSTART, RRULE, RDATE without EXDATE, and its overrides, those with
/// RANGE=THISANDFUTURE too. RFC 5545 3.8.5, 3.8.4.4
///
/// Tolerated: an override whose id the rules don't make is an occurrence all the same; EXDATE as a DATE leaves out all
/// of that day; UNTIL of another type than DTSTART (a DATE holds to the end of its day); several RRULEs; EXRULE, which
/// RFC 5545 has no more.
class Instances {
 public:
  /// The object and the scope must outlive this.
  Instances(const Object& object, const ZoneScope& scope) : Instances(object.master(), object.parts(), scope) {}

  /// Of components that are one thing, such as the AVAILABLEs with one UID: the master, which may be nullptr, and all
  /// of them. They and the scope must outlive this.
  Instances(const content::Component* master, const std::vector<const content::Component*>& parts,
            const ZoneScope& scope);

  /// Whether RRULE, RDATE or an override is there.
  bool is_recurring() const { return recurring_; }

  /// Whether it goes on for ever.
  bool is_infinite() const;

  /// Calls `take` for every occurrence that touches the range (its ends included), in no particular order, until `take`
  /// returns false; whether it never did. Components without a time are left out. May end early when the budget is
  /// spent.
  bool for_each(const TimeRange& range, Budget& budget, const std::function<bool(const Instance&)>& take) const;

  /// The same for the occurrences that one component of the object describes.
  bool for_each_of(const content::Component& part, const TimeRange& range, Budget& budget,
                   const std::function<bool(const Instance&)>& take) const;

 private:
  struct Override {
    Seconds key = 0;  ///< its id as an instant
    DateTime id;
    bool and_future = false;
    Shape shape;
  };
  struct Date {
    Seconds key = 0;
    DateTime start;
    std::optional<Seconds> end;  ///< of a period
  };

  bool for_each_by_rules(const TimeRange& range, Budget& budget,
                         const std::function<bool(const Instance&)>& take) const;
  void read_master(const content::Component& master);
  void read_dates(const content::Property& property);
  std::optional<Seconds> until_of(const Rule& rule) const;
  bool is_left_out(Seconds key, const DateTime& start, Budget& budget) const;
  const Override* latest_future(Seconds key) const;
  bool give(const Date& date, const TimeRange& range, Budget& budget,
            const std::function<bool(const Instance&)>& take) const;
  bool give_override(const Override& override_, const TimeRange& range,
                     const std::function<bool(const Instance&)>& take) const;
  bool give_rule(std::size_t index, const TimeRange& range, Budget& budget,
                 const std::function<bool(const Instance&)>& take) const;
  bool is_made_earlier(std::size_t rule, Seconds local, Budget& budget) const;

  const ZoneScope& scope_;
  bool recurring_ = false;
  std::optional<Shape> master_;
  std::vector<Rule> rules_;
  std::vector<Rule> left_out_rules_;  ///< EXRULE
  std::vector<Date> dates_;           ///< DTSTART and RDATE, by key
  std::vector<Seconds> left_out_;     ///< EXDATE, as instants, sorted
  std::vector<Seconds> left_days_;    ///< EXDATE;VALUE=DATE of a DTSTART with a time, sorted
  std::vector<Override> overrides_;   ///< by key
  std::vector<std::size_t> futures_;  ///< those of them with RANGE=THISANDFUTURE
  Seconds reach_ = 0;                 ///< how far from its id an occurrence may lie at most
};

}  // namespace dav::calendar
