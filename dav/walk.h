#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dav/headers.h"
#include "dav/property.h"

namespace dav {

/// What a walk loads with each resource, by its kind.
struct Needs {
  bool stored = false;  ///< Resource::stored
  storage::WithBytes bytes = storage::WithBytes::no;
};

/// Goes through the resources at and below a place, in one snapshot: what Depth means. Only what the principal may see
/// is visited. A Resource and what it refers to last as long as the visit.
class Walk {
 public:
  using Visit = std::function<void(const Resource&)>;

  Walk(const Context& context, std::function<Needs(Kind)> needs, Visit visit);

  /// From now on, of a collection for which `choose` returns a list only the objects in it are visited.
  using Choose = std::function<std::optional<std::vector<storage::Id>>(const storage::Collection&)>;
  void narrow(Choose choose) { choose_ = std::move(choose); }

  /// The target, its members, or all below it; without the target itself where `noroot`.
  void run(const Target& target, Depth depth, bool noroot = false);

  /// The target itself.
  void visit_target(const Target& target);

  /// The present members of a stored collection; `href` is the collection's. Those that are collections come last, and
  /// with infinity are entered.
  void members(const storage::Account& account, const storage::Collection& collection, std::string_view href,
               Depth depth);

  /// Loads the stored properties of a collection's members at once, for many calls of visit_member.
  void load_stored(const storage::Collection& collection);

  /// One member of `parent`; `href` is the parent's.
  void visit_member(const storage::Account& account, const storage::Collection& parent, const storage::Member& member,
                    std::string_view href);

 private:
  void below_root(const Target& target, Depth depth);
  void chosen(const storage::Account& account, const storage::Collection& collection, std::string_view href,
              const std::vector<storage::Id>& members);
  void visit_child(const storage::Account& account, const storage::Collection& parent, const storage::Member& entry,
                   std::string_view href, Depth depth);

  const Context& context_;
  using Stored = std::unordered_map<storage::Id, std::vector<storage::Property>>;
  Stored stored_of(const storage::Collection& collection) const;

  std::function<Needs(Kind)> needs_;
  Visit visit_;
  Choose choose_;
  std::string path_;  ///< of the member being visited
  storage::Id loaded_ = 0;
  Stored stored_;
};

}  // namespace dav
