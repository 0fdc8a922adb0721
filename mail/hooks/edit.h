#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "mail/hooks/hook.h"

namespace mail::hooks {

/// Gives the octets of a spool from `from` on to `take`, in pieces.
void read_pieces(const storage::Spool& spool, std::uint64_t from, const std::function<void(std::string_view)>& take);

/// The header of a message, with its empty line if there is one. Throws Failed where it is longer than 1 MiB.
std::string header_of(const storage::Spool& message);

/// A field as it stands in a message. What could begin another field, or end the header, becomes a fold. Throws Failed
/// for a name that can't be one.
std::string field_text(std::string_view name, std::string_view value);

/// A header, with its empty line, after the changes. Throws Failed as field_text.
std::string changed_header(std::string_view header, std::span<const HeaderChange> changes);

/// Does to a message what a verdict says. Throws Failed; then nothing was done.
void apply(const Verdict& verdict, Passing& passing, const std::string& spool_directory);

}  // namespace mail::hooks
