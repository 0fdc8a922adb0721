#include "web/site.h"

#include <algorithm>

#include "storage/names.h"

namespace web {

namespace {

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label,
                             [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

std::string Site::authority() const { return https_port == 443 ? host : host + ':' + std::to_string(https_port); }

std::string Site::dav_url() const { return "https://" + authority() + "/dav/"; }

std::string Site::page_url() const { return "https://" + authority() + "/"; }

bool Site::serves(std::string_view domain) const {
  return domains.empty() || std::ranges::find(domains, domain) != domains.end();
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::optional<std::string> domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  std::string domain = storage::lower_case(address.substr(at + 1));
  if (!is_domain(domain)) return std::nullopt;
  return domain;
}

}  // namespace web
