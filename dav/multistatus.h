#pragma once

#include <string>
#include <string_view>

#include "dav/error.h"
#include "dav/response.h"
#include "storage/spool.h"

namespace dav {

/// A 207 being written (RFC 4918 13): a buffer that flows into a Spool in pieces, so that an answer of any size costs
/// neither memory nor allocations for each response.
class Multistatus {
 public:
  static constexpr std::size_t piece = 64 * 1024;

  /// `spool_directory` is where a large answer's temporary file is made: Store::spool_directory().
  explicit Multistatus(const std::string& spool_directory);

  /// A DAV:response with a status of its own (RFC 4918 14.24), and the condition of `why`, if it has one.
  void add_status(std::string_view href, int status, const Error* why = nullptr);

  /// Opens a DAV:response; the DAV:propstat elements are appended to out(), the successful one first.
  void begin_response(std::string_view href);
  void end_response();

  /// Where to append XML, in the prefixes of xml.h.
  std::string& out() { return buffer_; }

  /// Lets go of what has been written, once it is enough for a piece; end_response() does it too.
  void flush();

  /// Appends the status that ends a DAV:propstat, and closes that.
  void end_propstat(int status);

  /// Ends the document (`trailer` comes last in it, such as DAV:sync-token) and gives it away as a 207.
  Response finish(std::string_view trailer = {});

 private:
  storage::Spool spool_;
  std::string buffer_;
};

/// "HTTP/1.1 404 Not Found"
std::string_view status_line(int status);

}  // namespace dav
