#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// The message ids of an unfolded References or In-Reply-To, without their angle brackets, normalized so that quoting
/// makes no difference: `<"a"@b>` and `<a@b>` are one (RFC 5256 3). What is no id (`Your message of … from`) is passed
/// over.
std::vector<std::string> parse_message_ids(std::string_view value);

/// The id of an unfolded Message-ID, as above; also one that came without brackets. Nothing if there is none.
std::optional<std::string> parse_message_id(std::string_view value);

/// What the references algorithm threads a message by: the ids of its References, or, if there is none, the first id of
/// its In-Reply-To. RFC 5256 3
std::vector<std::string> reference_ids(std::string_view header);

}  // namespace mail::mime
