#pragma once

#include <filesystem>
#include <string>

#include "server/tls.h"

namespace http_tests {

/// A temporary folder, removed with its owner.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Writes a new key and a self-signed certificate for `host` into files in `folder` that begin with `name`.
server::CertificateFiles make_certificate(const Folder& folder, const std::string& name, const std::string& host);

}  // namespace http_tests
