#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace storage {

/// A SHA-256 being computed. Throws Failure where OpenSSL can't.
class Sha256 {
 public:
  static constexpr std::size_t size = 32;

  Sha256();
  void add(std::string_view bytes);
  std::string finish();  ///< 32 octets; nothing may be added after it

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

}  // namespace storage
