#include "server/coding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <memory>
#include <stdexcept>

#include "server/http_head.h"
#include "storage/spool.h"

namespace server {

namespace {

constexpr std::uint64_t least_size = 1024;  // below it, what is saved isn't worth a field
constexpr int gzip_level = 5;
constexpr int zstd_level = 3;
constexpr std::size_t piece = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// RFC 9110 12.4.2, in thousandths; 0 for what is no weight.
int weight(std::string_view parameters) {
  parameters = trimmed(parameters);
  if (parameters.empty()) return 1000;
  if (!parameters.starts_with("q=") && !parameters.starts_with("Q=")) return 0;
  const std::string_view value = trimmed(parameters.substr(2));
  if (value.empty() || (value[0] != '0' && value[0] != '1') || value.size() > 5) return 0;
  if (value.size() > 1 && value[1] != '.') return 0;
  int thousandths = (value[0] - '0') * 1000;
  int place = 100;
  for (std::size_t index = 2; index < value.size(); ++index, place /= 10) {
    if (value[index] < '0' || value[index] > '9') return 0;
    thousandths += (value[index] - '0') * place;
  }
  return std::min(thousandths, 1000);
}

bool is_textual(std::string_view type) {
  type = trimmed(type.substr(0, type.find(';')));
  std::string lower(type);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower.starts_with("text/") || lower == "application/xml" || lower == "application/json" ||
         lower == "application/javascript" || lower == "image/svg+xml" || lower.ends_with("+xml") ||
         lower.ends_with("+json");
}

using Sink = std::function<void(std::string_view)>;

class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual void put(std::string_view bytes, bool last, const Sink& sink) = 0;
};

class GzipStream final : public Encoder {
 public:
  GzipStream() {
    // 15 bits of window, and 16 for the gzip wrapper.
    if (::deflateInit2(&stream_, gzip_level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~GzipStream() override { ::deflateEnd(&stream_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  void put(std::string_view bytes, bool last, const Sink& sink) override {
    std::array<char, piece> out;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
      ::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      sink({out.data(), out.size() - stream_.avail_out});
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

class ZstdStream final : public Encoder {
 public:
  ZstdStream() : stream_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
    if (!stream_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, zstd_level);
    // RFC 9659 3: a decoder needs no more than 8 MiB of window.
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_windowLog, 20);
  }

  void put(std::string_view bytes, bool last, const Sink& sink) override {
    std::array<char, piece> buffer;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (bool done = false; !done;) {
      ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
      const std::size_t left = ZSTD_compressStream2(stream_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) throw std::runtime_error("zstd fails");
      sink({buffer.data(), out.pos});
      done = last ? left == 0 : in.pos == in.size;
    }
  }

 private:
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> stream_;
};

std::unique_ptr<Encoder> make_encoder(Coding coding) {
  if (coding == Coding::gzip) return std::make_unique<GzipStream>();
  return std::make_unique<ZstdStream>();
}

/// A body, piece by piece.
class Pieces {
 public:
  explicit Pieces(std::vector<storage::Segment> body) : body_(std::move(body)) {}

  /// The next octets, valid until the next call; nothing at the end.
  std::string_view next() {
    while (index_ < body_.size() && done_ == body_[index_].size()) {
      body_[index_++] = {};
      done_ = 0;
    }
    if (index_ == body_.size()) return {};
    const storage::Segment& segment = body_[index_];
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(segment.size() - done_, piece));
    const std::uint64_t position = done_;
    done_ += count;
    if (!segment.file) return std::string_view(segment.bytes).substr(position, count);
    buffer_.resize(count);
    if (segment.file->read(buffer_.data(), count, segment.offset + position) != count) {
      throw std::runtime_error("a file is shorter than it should be");
    }
    return buffer_;
  }

 private:
  std::vector<storage::Segment> body_;
  std::size_t index_ = 0;
  std::uint64_t done_ = 0;  // of that segment
  std::string buffer_;
};

void announce(dav::Response& response, Coding coding) {
  response.headers.set("Content-Encoding", coding == Coding::gzip ? "gzip" : "zstd");
  response.headers.remove("Content-Length");
}

}  // namespace

Coding choose_coding(std::string_view accept_encoding) {
  int gzip = -1;
  int zstd = -1;
  int others = 0;
  while (!accept_encoding.empty()) {
    const std::string_view element = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(accept_encoding.size(), element.size() + 1));
    const std::size_t semicolon = element.find(';');
    const std::string_view name = trimmed(element.substr(0, semicolon));
    const int liking = semicolon == std::string_view::npos ? 1000 : weight(element.substr(semicolon + 1));
    if (same_text(name, "gzip") || same_text(name, "x-gzip"))
      gzip = liking;
    else if (same_text(name, "zstd"))
      zstd = liking;
    else if (name == "*")
      others = liking;
  }
  // "*" stands for gzip, which everybody has; not for a coding that the client may never have heard of.
  if (gzip < 0) gzip = others;
  if (zstd > 0 && zstd >= gzip) return Coding::zstd;
  return gzip > 0 ? Coding::gzip : Coding::identity;
}

bool is_codable(const dav::Response& response) {
  if (response.status < 200 || response.status == 204 || response.status == 206 || response.status == 304) return false;
  const auto type = response.headers.find("Content-Type");
  if (!type || !is_textual(*type) || response.headers.find("Content-Encoding")) return false;
  if (const auto tag = response.headers.find("ETag"); tag && !tag->starts_with("W/")) return false;
  if (const auto cache = response.headers.joined("Cache-Control");
      cache && cache->find("no-transform") != std::string::npos) {
    return false;
  }
  std::uint64_t size = 0;
  for (const storage::Segment& segment : response.body) size += segment.size();
  return size > least_size;
}

void apply_coding(dav::Response& response, Coding coding, const std::string& directory) {
  if (coding == Coding::identity) return;
  storage::Spool coded(directory);
  const Sink sink = [&](std::string_view bytes) { coded.append(bytes); };
  const auto encoder = make_encoder(coding);
  Pieces pieces(std::move(response.body));
  for (std::string_view bytes = pieces.next(); !bytes.empty(); bytes = pieces.next()) encoder->put(bytes, false, sink);
  encoder->put({}, true, sink);
  response.body.clear();
  response.body.push_back(coded.take());
  announce(response, coding);
}

struct CodedChunks::State {
  State(std::unique_ptr<Encoder> by, std::vector<storage::Segment> body)
      : encoder(std::move(by)), pieces(std::move(body)) {}

  std::unique_ptr<Encoder> encoder;
  Pieces pieces;
  bool done = false;
};

CodedChunks::CodedChunks(dav::Response& response, Coding coding)
    : state_(std::make_unique<State>(make_encoder(coding), std::move(response.body))) {
  response.body.clear();
  announce(response, coding);
}

CodedChunks::~CodedChunks() = default;

std::string CodedChunks::next() {
  constexpr std::size_t enough = 16 * 1024;
  std::string coded;
  // What compresses well is taken until there is something to send; but not for long, others want their turn.
  for (int turns = 0; !state_->done && coded.size() < enough && turns < 16; ++turns) {
    const std::string_view bytes = state_->pieces.next();
    state_->done = bytes.empty();
    state_->encoder->put(bytes, state_->done, [&](std::string_view out) { coded += out; });
  }
  return coded;
}

bool CodedChunks::done() const { return state_->done; }

void append_chunk(std::string& out, std::string_view bytes) {
  // A chunk of no octets would be the last one.
  if (bytes.empty()) return;
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  out.append(size.data(), end).append("\r\n").append(bytes).append("\r\n");
}

}  // namespace server
