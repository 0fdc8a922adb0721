#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "storage/bounded_map.h"
#include "storage/types.h"

namespace dav {

/// Makes smaller images, one at a time in a thread of its own, so that whoever sends large ones costs others neither
/// their threads nor much memory; and keeps some of them. Safe for use by many threads.
class PhotoMaker {
 public:
  struct Bounds {
    std::size_t cache = std::size_t{32} << 20;  ///< octets that are kept
    /// Of the processor, for one account at a time; a tenth of it comes back. A book of a thousand large photos.
    double seconds = 30;
  };

  explicit PhotoMaker(const Bounds& bounds);
  PhotoMaker() : PhotoMaker(Bounds{}) {}
  ~PhotoMaker();
  PhotoMaker(const PhotoMaker&) = delete;
  PhotoMaker& operator=(const PhotoMaker&) = delete;

  struct Made {
    std::string octets;  ///< a JPEG; empty where the image can't be made smaller
    bool now = true;     ///< false: it could be, but not now, since too much is asked for by this account or by all
  };

  /// The image that `read` gives, so that no side is longer than `side`, with a comment that says what it was made of
  /// (origin_of). `key` names the octets that `read` gives: they are asked for only where it isn't at hand. Waits while
  /// it is made.
  Made smaller(storage::Id account, const std::string& key, int side, const std::function<std::string()>& read);

 private:
  struct Job {
    std::string octets;
    int side = 0;
    std::string result;
    double seconds = 0;  ///< of the processor
    bool done = false;
  };

  /// What an account may still use up; more comes with time.
  struct Allowance {
    double seconds = 0;
    storage::Timestamp at = 0;
  };

  void work();
  Allowance& allowance_of(storage::Id account);
  void remember(const std::string& key, const std::string& octets);

  const Bounds bounds_;
  std::mutex guard_;
  std::condition_variable asked_;
  std::condition_variable made_;
  std::deque<std::shared_ptr<Job>> jobs_;  // shared with who waits
  std::atomic<std::size_t> waiting_ = 0;
  bool stopping_ = false;
  storage::BoundedMap<std::string> images_{std::numeric_limits<std::size_t>::max()};  // bounded by octets alone
  std::size_t kept_ = 0;  ///< octets of all images, with what each costs besides
  std::unordered_map<storage::Id, Allowance> allowances_;
  std::thread thread_;
};

/// What an image was made of by a PhotoMaker, as photo_digest has it, if it is as it was made; empty otherwise.
std::string origin_of(const std::string& octets);

std::string photo_digest(std::string_view octets);

}  // namespace dav
