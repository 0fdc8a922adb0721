#include "dav/photo_maker.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <vector>

#include "dav/contacts/image.h"
#include "dav/contacts/jpeg.h"

using namespace dav;

namespace {

/// An image with enough in it that it can be made smaller in octets as well.
std::string image(int width, int height) {
  contacts::Raster raster{width, height, {}};
  unsigned state = 1;
  for (int i = 0; i < width * height * 3; ++i) {
    state = state * 1103515245 + 12345;
    raster.pixels.push_back(static_cast<unsigned char>(state >> 16));
  }
  return contacts::encode_jpeg(raster);
}

}  // namespace

TEST_CASE("an image is made once, while there is room for it") {
  PhotoMaker maker({.cache = 60'000});
  const std::string large = image(300, 300);
  int reads = 0;
  const auto read = [&] {
    ++reads;
    return large;
  };
  const auto first = maker.smaller(1, "a", 64, read);
  CHECK(first.now);
  CHECK_FALSE(first.octets.empty());
  CHECK(maker.smaller(1, "a", 64, read).octets == first.octets);
  CHECK(maker.smaller(2, "a", 64, read).octets == first.octets);
  CHECK(reads == 1);
  CHECK(maker.smaller(1, "a", 48, read).octets.size() < first.octets.size());
  CHECK(maker.smaller(1, "b", 64, read).octets == first.octets);
  CHECK(reads == 3);
  for (int i = 0; i < 100; ++i) maker.smaller(1, std::to_string(i), 64, read);
  maker.smaller(1, "a", 64, read);
  CHECK(reads == 104);
}

TEST_CASE("that an image can't be made smaller is remembered, too") {
  PhotoMaker maker;
  int reads = 0;
  const auto read = [&] {
    ++reads;
    return std::string("\xFF\xD8\xFF no image");
  };
  for (int i = 0; i < 2; ++i) {
    const auto made = maker.smaller(1, "a", 64, read);
    CHECK(made.now);
    CHECK(made.octets.empty());
  }
  CHECK(reads == 1);
}

TEST_CASE("what cannot be read is its reader's trouble alone") {
  PhotoMaker maker;
  const auto fail = []() -> std::string { throw std::runtime_error("gone"); };
  for (int i = 0; i < 10; ++i) CHECK_THROWS_AS(maker.smaller(1, "a", 64, fail), std::runtime_error);
  CHECK_FALSE(maker.smaller(1, "a", 64, [] { return image(300, 300); }).octets.empty());
}

TEST_CASE("a smaller image says what it was made of, as long as nobody has changed it") {
  PhotoMaker maker;
  const std::string large = image(300, 300);
  const auto made = maker.smaller(1, "a", 64, [&] { return large; });
  CHECK(origin_of(made.octets) == photo_digest(large));
  std::string changed = made.octets;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] + 1);
  CHECK(origin_of(changed).empty());
  CHECK(origin_of(made.octets + "x").empty());
  CHECK(origin_of(made.octets.substr(0, made.octets.size() - 1)).empty());
  CHECK(origin_of(large).empty());
  CHECK(origin_of("").empty());
}

TEST_CASE("more than a few at once are told that it can't be made now") {
  PhotoMaker maker;
  constexpr int most = 4;
  std::promise<void> go;
  const auto gone = go.get_future().share();
  std::atomic<int> reading = 0;
  std::vector<std::future<PhotoMaker::Made>> waiting;
  for (int i = 0; i < most; ++i) {
    waiting.push_back(std::async(std::launch::async, [&, i] {
      return maker.smaller(i, std::to_string(i), 64, [&] {
        ++reading;
        reading.notify_one();
        gone.wait();
        return image(100, 100);
      });
    }));
  }
  for (int count = reading; count < most; count = reading) reading.wait(count);
  const auto refused = maker.smaller(9, "x", 64, [] { return image(100, 100); });
  CHECK_FALSE(refused.now);
  CHECK(refused.octets.empty());
  go.set_value();
  for (auto& made : waiting) CHECK_FALSE(made.get().octets.empty());
  CHECK(maker.smaller(9, "x", 64, [] { return image(100, 100); }).now);
}

TEST_CASE("an account that asks for too much gets no more for a time, the others do") {
  PhotoMaker maker({.seconds = 0.05});
  const std::string large = image(1000, 1000);
  int made = 0;
  while (made < 10'000 && maker.smaller(1, std::to_string(made), 64, [&] { return large; }).now) ++made;
  CHECK(made > 0);
  CHECK(made < 10'000);
  CHECK_FALSE(maker.smaller(1, "one more", 64, [&] { return large; }).now);
  CHECK(maker.smaller(2, "one more", 64, [&] { return large; }).now);
}
