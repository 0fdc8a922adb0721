#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "mail/hooks/edit.h"
#include "mail/hooks/milter.h"

using namespace mail::hooks;

namespace {

class Octets : public Channel {
 public:
  explicit Octets(std::string_view octets) : rest_(octets) {}
  void send(std::string_view, Deadline) override {}
  std::size_t receive(char* buffer, std::size_t size, Deadline) override {
    const std::size_t count = std::min(size, rest_.size());
    std::copy_n(rest_.data(), count, buffer);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

}  // namespace

/// Whatever a filter answers, there is a verdict or a failure, and the message stays one with one header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  Passing passing;
  passing.recipients = {"bob@example.net"};
  passing.message.append("From: ada@example.org\r\nSubject: a\r\n\r\nbody\r\n");
  try {
    const Dial dial = [&](Deadline) { return std::make_unique<Octets>(octets); };
    const Verdict verdict = milter_client({dial, "host"})(passing, Clock::now() + std::chrono::seconds(10));
    apply(verdict, passing, "/tmp");
    const std::string text = passing.message.text();
    if (!text.ends_with("\r\n\r\n" + verdict.body.value_or("body\r\n"))) std::abort();
    if (!verdict.body && header_of(passing.message).size() + 6 != text.size()) std::abort();
  } catch (const Failed&) {
    // As good as any.
  }
  return 0;
}
