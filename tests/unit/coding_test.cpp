#include "server/coding.h"

#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <string>

#include "storage/spool.h"

namespace {

using server::Coding;

dav::Response response_with(std::string type, std::size_t size) {
  dav::Response response;
  response.headers.add("Content-Type", std::move(type));
  storage::Segment segment;
  segment.bytes = std::string(size, 'x');
  response.body.push_back(std::move(segment));
  return response;
}

std::string text_of(const storage::Segment& segment) {
  if (!segment.file) return segment.bytes;
  std::string text(segment.length, '\0');
  text.resize(segment.file->read(text.data(), text.size(), segment.offset));
  return text;
}

std::string gunzip(const std::string& coded, std::size_t size) {
  std::string plain(size + 1, '\0');
  z_stream stream{};
  REQUIRE(::inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
  plain.resize(stream.total_out);
  ::inflateEnd(&stream);
  return plain;
}

std::string unzstd(const std::string& coded, std::size_t size) {
  std::string plain(size + 1, '\0');
  ZSTD_inBuffer in{coded.data(), coded.size(), 0};
  ZSTD_outBuffer out{plain.data(), plain.size(), 0};
  ZSTD_DStream* stream = ZSTD_createDStream();
  CHECK(ZSTD_decompressStream(stream, &out, &in) == 0);
  ZSTD_freeDStream(stream);
  plain.resize(out.pos);
  return plain;
}

}  // namespace

TEST_CASE("a coding is chosen by Accept-Encoding") {
  struct Case {
    const char* field;
    Coding coding;
  };
  const auto& [field, coding] = GENERATE(values<Case>({
      {"", Coding::identity},
      {"gzip", Coding::gzip},
      {"x-gzip", Coding::gzip},
      {"GZIP, deflate", Coding::gzip},
      {"deflate, br", Coding::identity},
      {"gzip, deflate, br, zstd", Coding::zstd},
      {"gzip;q=1.0, zstd;q=0.5", Coding::gzip},
      {"gzip;q=0", Coding::identity},
      {"gzip; q=0.000, zstd;q=0", Coding::identity},
      {"*", Coding::gzip},
      {"*;q=0", Coding::identity},
      {"gzip;q=0, *", Coding::identity},
      {"identity;q=1, gzip;q=0.001", Coding::gzip},
      {"gzip;q=2", Coding::identity},
      {"gzip;q=1.0x", Coding::identity},
      {"gzip;level=9", Coding::identity},
      {",, gzip ,,", Coding::gzip},
  }));
  INFO(field);
  CHECK(server::choose_coding(field) == coding);
}

TEST_CASE("only text of some size without a strong entity tag is coded") {
  CHECK(server::is_codable(response_with("application/xml; charset=utf-8", 2000)));
  CHECK(server::is_codable(response_with("text/calendar", 2000)));
  CHECK(server::is_codable(response_with("application/calendar+json", 2000)));
  CHECK_FALSE(server::is_codable(response_with("text/calendar", 1000)));
  CHECK_FALSE(server::is_codable(response_with("image/jpeg", 2000)));
  CHECK_FALSE(server::is_codable(response_with("application/octet-stream", 2000)));
  dav::Response response = response_with("text/plain", 2000);
  response.headers.set("ETag", "W/\"1\"");
  CHECK(server::is_codable(response));
  response.headers.set("ETag", "\"1\"");
  CHECK_FALSE(server::is_codable(response));
  response.headers.remove("ETag");
  response.status = 206;
  CHECK_FALSE(server::is_codable(response));
  response.status = 200;
  response.headers.set("Cache-Control", "no-transform");
  CHECK_FALSE(server::is_codable(response));
  response.headers.remove("Cache-Control");
  response.headers.set("Content-Encoding", "gzip");
  CHECK_FALSE(server::is_codable(response));
}

TEST_CASE("a coded body decodes to the same octets, from memory and from a file") {
  std::string first;
  for (int number = 0; number < 100'000; ++number) first += std::to_string(number * 7919) + "\n";
  const std::string second(300'000, 'z');
  for (const Coding coding : {Coding::gzip, Coding::zstd}) {
    dav::Response response;
    storage::Segment memory;
    memory.bytes = first;
    response.body.push_back(memory);
    storage::Spool file("/tmp", 0);
    file.append("dropped");
    file.append(second);
    storage::Segment range = file.take();
    range.offset = 7;
    range.length -= 7;
    response.body.push_back(range);
    server::apply_coding(response, coding, "/tmp");
    REQUIRE(response.body.size() == 1);
    const std::string coded = text_of(response.body.front());
    CHECK(coded.size() < (first.size() + second.size()) / 2);
    const std::string plain = coding == Coding::gzip ? gunzip(coded, first.size() + second.size())
                                                     : unzstd(coded, first.size() + second.size());
    CHECK((plain == first + second));
    CHECK(response.headers.find("Content-Encoding") == (coding == Coding::gzip ? "gzip" : "zstd"));
  }
}

TEST_CASE("a body that is coded while it is sent is the same") {
  for (const Coding coding : {Coding::gzip, Coding::zstd}) {
    dav::Response response = response_with("text/plain", 100'000);
    std::string expected = response.body[0].bytes;
    storage::Spool spool("/tmp", 0);
    for (int line = 0; line < 40'000; ++line) spool.append(std::to_string(line * 7919) + "\n");
    expected += spool.text();
    response.body.push_back(spool.take());
    server::CodedChunks chunks(response, coding);
    CHECK(response.body.empty());
    CHECK(response.headers.find("Content-Encoding") == (coding == Coding::gzip ? "gzip" : "zstd"));
    std::string coded;
    int pieces = 0;
    for (; !chunks.done(); ++pieces) coded += chunks.next();
    CHECK(pieces > 1);
    CHECK((coding == Coding::gzip ? gunzip(coded, expected.size()) : unzstd(coded, expected.size())) == expected);
  }
  std::string out;
  server::append_chunk(out, "");
  server::append_chunk(out, std::string(26, 'x'));
  CHECK(out == "1a\r\n" + std::string(26, 'x') + "\r\n");
}
