#pragma once

#include <string>
#include <string_view>

namespace mail::mime {

/// What SORT and THREAD compare of a Subject.
struct BaseSubject {
  /// UTF-8, as it is shown, without `Re:`, `[list]`, `(fwd)` and the like.
  std::string text;
  /// Something that marks a reply or a forward was taken away. RFC 5256 3
  bool is_reply = false;
};

/// The base subject of an unfolded Subject, by the steps of RFC 5256 2.1; in linear time.
BaseSubject base_subject(std::string_view subject);

}  // namespace mail::mime
