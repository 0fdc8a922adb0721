#include "dav/photo_maker.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "dav/contacts/image.h"
#include "dav/contacts/jpeg.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace dav {

namespace {

constexpr std::size_t most_waiting = 4;
constexpr std::size_t entry_cost = 200;
constexpr std::size_t most_allowances = 10'000;
constexpr double seconds_per_second = 0.1;
constexpr std::string_view comment_begin = "Pileus ";

double processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

storage::Timestamp seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// One of those who wait, however that ends.
class Place {
 public:
  explicit Place(std::atomic<std::size_t>& waiting) : waiting_(waiting) { ++waiting_; }
  ~Place() { --waiting_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::atomic<std::size_t>& waiting_;
};

/// The comment says what the image was made of, and what the rest of the image is: so it is known again whatever the
/// settings, the library and the process by then.
std::string signed_image(const std::string& jpeg, std::string_view origin) {
  const std::string comment = std::string(comment_begin) + photo_digest(origin) + ' ' + photo_digest(jpeg);
  return contacts::with_jpeg_segment(jpeg, contacts::jpeg_comment(comment));
}

}  // namespace

std::string photo_digest(std::string_view octets) {
  storage::Sha256 sha256;
  sha256.add(octets);
  return storage::to_hex(sha256.finish().substr(0, 16));
}

std::string origin_of(const std::string& octets) {
  const auto split = contacts::split_jpeg_comment(octets);
  constexpr std::size_t digest = 32;
  if (!split || split->comment.size() != comment_begin.size() + 2 * digest + 1) return {};
  if (!split->comment.starts_with(comment_begin) || !split->comment.ends_with(photo_digest(split->jpeg))) return {};
  return split->comment.substr(comment_begin.size(), digest);
}

PhotoMaker::PhotoMaker(const Bounds& bounds) : bounds_(bounds) {}

PhotoMaker::~PhotoMaker() {
  {
    const std::lock_guard lock(guard_);
    stopping_ = true;
  }
  asked_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PhotoMaker::work() {
  std::unique_lock lock(guard_);
  while (true) {
    asked_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto job = jobs_.front();
    jobs_.pop_front();
    lock.unlock();
    const double began = processor_time();
    try {
      const auto jpeg = contacts::smaller_image(job->octets, job->side);
      if (jpeg) job->result = signed_image(*jpeg, job->octets);
    } catch (const std::exception&) {
      job->result.clear();  // no memory for it: as with an image that can't be read
    }
    job->seconds = processor_time() - began;
    lock.lock();
    job->done = true;
    made_.notify_all();
  }
}

PhotoMaker::Allowance& PhotoMaker::allowance_of(storage::Id account) {
  const auto now = seconds_now();
  if (allowances_.size() > most_allowances) allowances_.clear();
  Allowance& allowance = allowances_.try_emplace(account, Allowance{bounds_.seconds, now}).first->second;
  allowance.seconds += static_cast<double>(now - allowance.at) * seconds_per_second;
  allowance.seconds = std::min(allowance.seconds, bounds_.seconds);
  allowance.at = now;
  return allowance;
}

void PhotoMaker::remember(const std::string& key, const std::string& octets) {
  if (images_.find(key) != nullptr || octets.size() + entry_cost > bounds_.cache / 4) return;
  images_[key] = octets;
  kept_ += octets.size() + entry_cost;
  while (kept_ > bounds_.cache) kept_ -= images_.take_oldest().size() + entry_cost;
}

PhotoMaker::Made PhotoMaker::smaller(storage::Id account, const std::string& key, int side,
                                     const std::function<std::string()>& read) {
  const std::string full_key = key + '/' + std::to_string(side);
  std::unique_lock lock(guard_);
  if (const std::string* image = images_.find(full_key)) return {*image, true};
  if (waiting_ >= most_waiting || allowance_of(account).seconds <= 0) return {{}, false};
  const Place place(waiting_);
  lock.unlock();
  const auto job = std::make_shared<Job>();
  job->side = side;
  job->octets = read();
  lock.lock();
  if (!thread_.joinable()) thread_ = std::thread(&PhotoMaker::work, this);
  jobs_.push_back(job);
  asked_.notify_one();
  made_.wait(lock, [&] { return job->done; });
  allowance_of(account).seconds -= job->seconds;
  remember(full_key, job->result);
  return {std::move(job->result), true};
}

}  // namespace dav
