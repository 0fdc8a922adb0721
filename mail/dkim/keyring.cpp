#include "mail/dkim/keyring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "mail/mime/address.h"
#include "mail/mime/header.h"

namespace mail::dkim {

namespace {

constexpr std::size_t most_key_octets = 64 * 1024;

/// An open file, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return descriptor_; }

 private:
  int descriptor_;
};

[[noreturn]] void fail(const std::string& path, const std::string& reason) { throw KeyError(path + ": " + reason); }
[[noreturn]] void fail_as_system(const std::string& path) { fail(path, std::generic_category().message(errno)); }

}  // namespace

void write_key(const std::string& path, const Key& key) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.number() < 0) fail_as_system(path);
  const std::string text = key.pem();
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file.number(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_as_system(path);
    done += static_cast<std::size_t>(count);
  }
  if (::fsync(file.number()) != 0) fail_as_system(path);
}

Key read_key(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (file.number() < 0 || ::fstat(file.number(), &facts) != 0) fail_as_system(path);
  if ((facts.st_mode & 077U) != 0) fail(path, "others can read or change the key: chmod 0600");
  std::string text(most_key_octets, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.number(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_as_system(path);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  try {
    return Key::from_pem(std::string_view(text).substr(0, size));
  } catch (const KeyError& error) {
    fail(path, error.what());
  }
}

Keyring::Keyring(std::span<const KeyFile> files) {
  for (const KeyFile& file : files) {
    identities_.push_back(
        {mime::lower_case(file.domain), file.selector, std::make_shared<const Key>(read_key(file.key))});
  }
}

std::vector<Identity> Keyring::identities_for(std::string_view domain) const {
  const std::string lower = mime::lower_case(domain);
  std::vector<Identity> found;
  for (std::string_view rest = lower; !rest.empty();) {
    std::ranges::copy_if(identities_, std::back_inserter(found),
                         [&](const Identity& one) { return one.domain == rest; });
    if (!found.empty()) return found;
    const std::size_t dot = rest.find('.');
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  return found;
}

std::vector<Identity> Keyring::identities_of(std::string_view header) const {
  std::string domain;
  for (const std::string& value : mime::all_values(header, "From")) {
    for (const mime::Address& address : mime::parse_addresses(value)) {
      if (address.kind != mime::Address::Kind::mailbox) continue;
      const std::string host = mime::lower_case(address.host);
      if (!domain.empty() && host != domain) return {};
      domain = host;
    }
  }
  return identities_for(domain);
}

}  // namespace mail::dkim
