#include "server/doctor/resolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "storage/names.h"

namespace server {

namespace {

constexpr std::size_t longest_message = 65535;

int type_number(const std::string& type) {
  if (type == "A") return ns_t_a;
  if (type == "AAAA") return ns_t_aaaa;
  if (type == "MX") return ns_t_mx;
  if (type == "SRV") return ns_t_srv;
  if (type == "TXT") return ns_t_txt;
  if (type == "CNAME") return ns_t_cname;
  throw std::invalid_argument("no such type of record: " + type);
}

std::string address_text(int family, const unsigned char* octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(family, octets, text.data(), text.size()) == nullptr ? std::string() : std::string(text.data());
}

unsigned number_at(const unsigned char* octets) { return static_cast<unsigned>(octets[0] << 8U | octets[1]); }

/// The name that stands in the message there; "." for the root.
std::optional<std::string> name_at(const ns_msg& message, const unsigned char* at) {
  std::array<char, NS_MAXDNAME> name{};
  const int used = ::dn_expand(ns_msg_base(message), ns_msg_end(message), at, name.data(), name.size());
  if (used < 0) return std::nullopt;
  return name[0] == '\0' ? "." : storage::lower_case(name.data());
}

std::string text_of(const unsigned char* data, std::size_t size) {
  std::string out;
  for (std::size_t at = 0; at < size;) {
    const std::size_t length = std::min<std::size_t>(data[at], size - at - 1);
    out.append(reinterpret_cast<const char*>(data) + at + 1, length);
    at += 1 + length;
  }
  return out;
}

std::optional<std::string> value_of(const ns_msg& message, const ns_rr& record) {
  const unsigned char* data = ns_rr_rdata(record);
  const std::size_t size = ns_rr_rdlen(record);
  switch (ns_rr_type(record)) {
    case ns_t_a:
      if (size != 4) return std::nullopt;
      return address_text(AF_INET, data);
    case ns_t_aaaa:
      if (size != 16) return std::nullopt;
      return address_text(AF_INET6, data);
    case ns_t_cname:
      return name_at(message, data);
    case ns_t_txt:
      return text_of(data, size);
    case ns_t_mx: {
      const auto host = size > 2 ? name_at(message, data + 2) : std::nullopt;
      if (!host) return std::nullopt;
      return std::to_string(number_at(data)) + ' ' + *host;
    }
    case ns_t_srv: {
      const auto host = size > 6 ? name_at(message, data + 6) : std::nullopt;
      if (!host) return std::nullopt;
      return std::to_string(number_at(data)) + ' ' + std::to_string(number_at(data + 2)) + ' ' +
             std::to_string(number_at(data + 4)) + ' ' + *host;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

struct Resolver::State {
  struct __res_state resolver {};
  std::vector<unsigned char> buffer = std::vector<unsigned char>(longest_message);
};

Resolver::Resolver(const std::optional<Endpoint>& server) : state_(std::make_unique<State>()) {
  in_addr address{};
  if (server && ::inet_pton(AF_INET, server->host.c_str(), &address) != 1)
    throw std::invalid_argument("a resolver is given as an IPv4 address and a port, as in 192.0.2.53:53");
  struct __res_state& resolver = state_->resolver;
  if (::res_ninit(&resolver) != 0) throw std::runtime_error("the system's resolver can't be made ready");
  resolver.retrans = 2;
  resolver.retry = 2;
  resolver.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
  if (!server) return;
  resolver.nscount = 1;
  resolver.nsaddr_list[0].sin_family = AF_INET;
  resolver.nsaddr_list[0].sin_port = htons(server->port);
  resolver.nsaddr_list[0].sin_addr = address;
}

Resolver::~Resolver() { ::res_nclose(&state_->resolver); }

DnsAnswer Resolver::ask(const std::string& name, const std::string& type) {
  DnsAnswer answer;
  const int wanted = type_number(type);
  const int size = ::res_nquery(&state_->resolver, name.c_str(), ns_c_in, wanted, state_->buffer.data(),
                                static_cast<int>(state_->buffer.size()));
  if (size < 0) {
    const int why = state_->resolver.res_h_errno;
    if (why != HOST_NOT_FOUND && why != NO_DATA) answer.outcome = DnsAnswer::Outcome::trouble;
    return answer;
  }
  ns_msg message{};
  if (::ns_initparse(state_->buffer.data(), size, &message) != 0) {
    answer.outcome = DnsAnswer::Outcome::trouble;
    return answer;
  }
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record{};
    if (::ns_parserr(&message, ns_s_an, i, &record) != 0) break;
    if (ns_rr_type(record) != wanted) continue;
    if (auto value = value_of(message, record)) answer.values.push_back(std::move(*value));
  }
  if (!answer.values.empty()) answer.outcome = DnsAnswer::Outcome::found;
  return answer;
}

std::vector<std::string> Resolver::addresses(const std::string& name) {
  std::vector<std::string> all = ask(name, "A").values;
  const std::vector<std::string> more = ask(name, "AAAA").values;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace server
