#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace http_tests {

struct Reply {
  int status = 0;
  std::string head;
  std::map<std::string, std::string> fields;  ///< names in lower case
  std::string body;

  bool has(const std::string& name) const { return fields.contains(name); }
  std::string field(const std::string& name) const { return has(name) ? fields.at(name) : std::string("(none)"); }
};

/// A blocking client that sends what it is told, octet for octet. Whatever doesn't come within 20 seconds throws.
class Client {
 public:
  /// A socket that isn't connected yet.
  class Socket {
   public:
    Socket();
    ~Socket();
    Socket(Socket&& other) noexcept;
    int descriptor() const { return descriptor_; }
    int release();

   private:
    int descriptor_;
  };

  /// The same over a socket that was there before.
  Client(Socket socket, std::uint16_t port, const char* source = nullptr);
  explicit Client(std::uint16_t port, const char* source = nullptr);
  ~Client();
  Client(Client&&) noexcept;

  /// Handshakes; `host` is named by SNI when it isn't empty. False when the server refuses.
  bool start_tls(const std::string& host = "", const std::string& protocol = "http/1.1");
  std::string certificate_name() const;  ///< the common name of the server's certificate
  std::string protocol() const;          ///< what ALPN chose

  /// False when the connection is gone.
  bool send(std::string_view bytes);
  void end_sending();

  /// Resets the connection.
  void abort();

  /// Reads one response. `head_only`: the answer to HEAD.
  Reply reply(bool head_only = false);

  /// Everything until the server closes.
  std::string rest();

  /// True when the server closes without another octet.
  bool closed() { return rest().empty(); }

  /// Reads `count` octets at most, at least one; empty at the end.
  std::string some(std::size_t count);

  /// Makes the kernel take little, so that a slow reader is seen as one. Before anything is received.
  void receive_little();

 private:
  struct Tls;
  std::string exactly(std::size_t count);
  std::string line();  ///< without its end

  int socket_ = -1;
  std::unique_ptr<Tls> tls_;
  std::string buffer_;
};

/// Every descriptor that the process may still have, until it goes out of scope.
class AllDescriptors {
 public:
  AllDescriptors();
  ~AllDescriptors();
  AllDescriptors(const AllDescriptors&) = delete;
  AllDescriptors& operator=(const AllDescriptors&) = delete;

 private:
  std::vector<int> descriptors_;
};

/// One request on a connection of its own that is closed after it.
Reply once(std::uint16_t port, const std::string& request);

}  // namespace http_tests
