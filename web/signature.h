#pragma once

#include <string>
#include <string_view>

namespace web {

/// The content within a signature: CMS SignedData in DER (RFC 5652 5), with the certificates of the chain. The files
/// are PEM, as for TLS. Throws std::runtime_error with the reason.
std::string signed_content(std::string_view content, const std::string& chain_file, const std::string& key_file);

/// Whether the first certificate of the file is for that host; false for a file that can't be read.
bool is_for_host(const std::string& chain_file, const std::string& host);

}  // namespace web
