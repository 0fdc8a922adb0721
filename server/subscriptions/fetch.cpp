#include "server/subscriptions/fetch.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "server/subscriptions/public_address.h"
#include "server/version.h"

namespace server {

namespace {

constexpr int most_redirects = 5;
constexpr std::size_t most_head_octets = std::size_t{64} << 10;
constexpr std::size_t most_refused_octets = std::size_t{64} << 10;  // of a body that isn't wanted
constexpr std::size_t longest_validator = 512;
constexpr std::size_t longest_url = 2048;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// libcurl is made ready once, by whoever comes first.
void prepare_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK) throw std::runtime_error("libcurl can't be used");
}

/// A URL taken apart.
class Url {
 public:
  Url() : handle_(curl_url(), curl_url_cleanup) {}

  /// Of an absolute one, or of one relative to what it is now.
  bool set(const std::string& text) {
    return text.size() <= longest_url &&
           curl_url_set(handle_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  }
  bool set_scheme(const char* scheme) {
    return curl_url_set(handle_.get(), CURLUPART_SCHEME, scheme, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  }
  std::string part(CURLUPart part, unsigned flags = 0) const {
    char* text = nullptr;
    if (curl_url_get(handle_.get(), part, &text, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, decltype(&curl_free)> owned(text, curl_free);
    return text;
  }

 private:
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle_;
};

bool is_web(const Url& url) {
  const std::string scheme = url.part(CURLUPART_SCHEME);
  if ((scheme != "http" && scheme != "https") || url.part(CURLUPART_HOST).empty()) return false;
  const std::string port = url.part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
  unsigned number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return number == 80 || number == 443 || number >= 1024;
}

std::optional<Address> address_of(const curl_sockaddr& to) {
  if (to.family == AF_INET) {
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in&>(to.addr).sin_addr, octets.size());
    return Address::v4(octets);
  }
  if (to.family == AF_INET6) {
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in6*>(&to.addr)->sin6_addr, octets.size());
    return Address::v6(octets);
  }
  return std::nullopt;
}

/// One exchange after another, until there is something that is no redirect.
class Fetch {
 public:
  Fetch(const FetchRequest& request, const FetchPolicy& policy, const std::function<bool()>& stop)
      : request_(request),
        policy_(policy),
        stop_(stop),
        end_(Clock::now() + policy.time),
        easy_(curl_easy_init(), curl_easy_cleanup),
        fields_(nullptr, curl_slist_free_all) {}

  Fetched run() {
    const auto first = fetchable(request_.url, policy_);
    if (!first) return failed("the address is none of http, https or webcal");
    if (!easy_) return failed("libcurl can't be used");
    Url url;
    url.set(*first);
    prepare();
    for (int redirects = 0;; ++redirects) {
      exchange(url.part(CURLUPART_URL));
      if (!error_.empty()) return failed(error_);
      if (status_ < 300 || status_ >= 400 || status_ == 304 || location_.empty()) return result();
      if (redirects == most_redirects) return failed("too many redirects");
      const bool secure = url.part(CURLUPART_SCHEME) == "https";
      if (!url.set(location_) || !is_web(url)) return failed("a redirect leads to what can't be fetched");
      if (secure && url.part(CURLUPART_SCHEME) != "https") return failed("a redirect leads from https to http");
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  Fetched failed(std::string error) const {
    Fetched fetched;
    fetched.status = status_;
    fetched.error = std::move(error);
    fetched.retry_after = retry_after_;
    return fetched;
  }

  Fetched result() {
    const bool asked = !request_.etag.empty() || !request_.last_modified.empty();
    if (status_ != 200 && !(status_ == 304 && asked)) return failed("HTTP " + std::to_string(status_));
    return {status_, {}, std::move(body_), etag_, last_modified_, std::chrono::seconds(0)};
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  void add_field(const std::string& field) {
    curl_slist* longer = curl_slist_append(fields_.get(), field.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(fields_.release());
    fields_.reset(longer);
  }

  void prepare() {
    add_field("Accept: text/calendar, */*;q=0.5");
    if (!request_.etag.empty()) add_field("If-None-Match: " + request_.etag);
    if (!request_.last_modified.empty()) add_field("If-Modified-Since: " + request_.last_modified);
    set(CURLOPT_HTTPHEADER, fields_.get());
    set(CURLOPT_USERAGENT, ("Pileus/" + std::string(version())).c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    // What the environment says of proxies would take the addresses out of our hands.
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ACCEPT_ENCODING, "gzip");
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(policy_.octets));
    set(CURLOPT_ERRORBUFFER, reason_.data());
    set(CURLOPT_OPENSOCKETFUNCTION, &Fetch::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Fetch::take_field);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Fetch::take_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Fetch::go_on);
    set(CURLOPT_XFERINFODATA, this);
  }

  void exchange(const std::string& url) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
    if (left <= 0) {
      error_ = "it takes too long";
      return;
    }
    forget();
    reason_.fill('\0');
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(left));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(left));
    const CURLcode code = curl_easy_perform(easy_.get());
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && cut_)) return;
    error_ = reason(code);
  }

  std::string reason(CURLcode code) const {
    if (!refused_.empty() && code == CURLE_COULDNT_CONNECT) return refused_ + " is no public address";
    if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) return "it is larger than what is taken";
    if (code == CURLE_OPERATION_TIMEDOUT) return "it takes too long";
    if (code == CURLE_ABORTED_BY_CALLBACK) return "stopped";
    return reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(code);
  }

  /// Of the exchange before.
  void forget() {
    status_ = 0;
    head_octets_ = 0;
    body_octets_ = 0;
    body_.clear();
    for (std::string* field : {&location_, &etag_, &last_modified_}) field->clear();
    retry_after_ = std::chrono::seconds(0);
    cut_ = false;
  }

  // The address itself is checked, at the moment when it is connected to: a name can lead to another one each time.
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
    auto& fetch = *static_cast<Fetch*>(self);
    const auto address = address_of(*to);
    if (!address || !(is_public(*address) || contains(fetch.policy_.allowed, *address))) {
      fetch.refused_ = address ? address->text() : "it";
      return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  static std::size_t take_field(char* data, std::size_t size, std::size_t count, void* self) {
    auto& fetch = *static_cast<Fetch*>(self);
    const std::string_view line(data, size * count);
    fetch.head_octets_ += line.size();
    if (fetch.head_octets_ > most_head_octets) return 0;
    fetch.field(line);
    return line.size();
  }

  void field(std::string_view line) {
    if (line.starts_with("HTTP/")) {
      const std::size_t octets = head_octets_;
      forget();
      head_octets_ = octets;
      const std::string_view code = line.substr(std::min(line.find(' ') + 1, line.size()));
      std::from_chars(code.data(), code.data() + code.size(), status_);
      return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.remove_suffix(1);
    if (name == "location") location_ = value;
    if (name == "etag" && value.size() <= longest_validator) etag_ = value;
    if (name == "last-modified" && value.size() <= longest_validator) last_modified_ = value;
    // RFC 9110 10.2.3, in seconds; the other form, a date, is as good as none.
    if (name == "retry-after") {
      std::int64_t seconds = 0;
      std::from_chars(value.data(), value.data() + value.size(), seconds);
      retry_after_ = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 7 * 86400));
    }
  }

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& fetch = *static_cast<Fetch*>(self);
    const std::string_view piece(data, size * count);
    fetch.body_octets_ += piece.size();
    // Of what isn't the calendar, so much that the connection can be used again.
    if (fetch.status_ != 200) {
      fetch.cut_ = fetch.body_octets_ > most_refused_octets;
      return fetch.cut_ ? 0 : piece.size();
    }
    fetch.too_large_ = fetch.body_.size() + piece.size() > fetch.policy_.octets;
    if (fetch.too_large_) return 0;
    fetch.body_ += piece;
    return piece.size();
  }

  static int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& fetch = *static_cast<Fetch*>(self);
    return fetch.stop_ && fetch.stop_() ? 1 : 0;
  }

  const FetchRequest& request_;
  const FetchPolicy& policy_;
  const std::function<bool()>& stop_;
  const Clock::time_point end_;
  Easy easy_;
  List fields_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  std::string refused_;  ///< the address that was not connected to
  std::string error_;
  int status_ = 0;
  std::size_t head_octets_ = 0;
  std::uint64_t body_octets_ = 0;
  bool too_large_ = false;
  bool cut_ = false;  ///< a body that isn't wanted was
  std::string body_;
  std::string location_;
  std::string etag_;
  std::string last_modified_;
  std::chrono::seconds retry_after_{0};
};

}  // namespace

std::optional<std::string> fetchable(const std::string& url, const FetchPolicy& policy) {
  Url parts;
  if (!parts.set(url)) return std::nullopt;
  const std::string scheme = parts.part(CURLUPART_SCHEME);
  if (scheme == "webcal") parts.set_scheme(policy.webcal_is_http ? "http" : "https");
  if (scheme == "webcals") parts.set_scheme("https");
  if (!is_web(parts)) return std::nullopt;
  return parts.part(CURLUPART_URL);
}

std::string without_secrets(const std::string& url) {
  Url parts;
  if (!parts.set(url)) return {};
  return parts.part(CURLUPART_SCHEME) + "://" + parts.part(CURLUPART_HOST);
}

Fetched fetch(const FetchRequest& request, const FetchPolicy& policy, const std::function<bool()>& stop) {
  prepare_curl();
  return Fetch(request, policy, stop).run();
}

}  // namespace server
