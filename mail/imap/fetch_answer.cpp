#include "mail/imap/fetch_answer.h"

#include <algorithm>

#include "mail/facts.h"
#include "mail/imap/grammar/date.h"
#include "mail/imap/responses.h"

namespace mail::imap {

namespace {

using What = FetchItem::What;

constexpr std::uint64_t piece_size = 64 * 1024;

const mime::Extent* part_of(const mime::Layout& layout, const FetchItem& item) {
  const auto index = mime::find_part(layout, item.section.path);
  return index ? &layout[*index] : nullptr;
}

std::vector<mime::Range> cut(std::vector<mime::Range> ranges, const FetchItem& item) {
  return item.part ? mime::partial(ranges, item.part->origin, item.part->count) : ranges;
}

std::uint64_t size_of(const std::vector<mime::Range>& ranges) {
  std::uint64_t size = 0;
  for (const mime::Range& range : ranges) size += range.size();
  return size;
}

/// One response, item by item.
class Answer {
 public:
  Answer(Call& call, const Fetched& fetched, Octets& octets)
      : call_(call), out_(call.out), client_(call.session.client()), fetched_(fetched), octets_(octets) {}

  void add(const FetchItem& item) {
    switch (item.what) {
      case What::flags:
        return append_flags_item(out_, call_.session, fetched_.number);
      case What::uid:
        return value(item, std::to_string(call_.session.view().uid(fetched_.number)));
      case What::modseq:
        return value(item, "(" + std::to_string(call_.session.view().modseq(fetched_.number)) + ")");
      case What::internal_date:
        return value(item, date_time_text({message().internal_date, message().internal_zone}));
      case What::save_date:
        return value(item, date_time_text({message().saved, 0}));
      case What::size:
        return value(item, std::to_string(message().size));
      case What::email_id:
        return value(item, "(M" + std::to_string(message().email) + ")");
      case What::thread_id:
        return value(item, "(T" + std::to_string(message().thread) + ")");
      default:
        return add_derived(item);
    }
  }

 private:
  const storage::Message& message() const { return fetched_.message; }
  Facts facts() const { return Facts(fetched_.packed); }

  void value(const FetchItem& item, std::string_view text) { out_.append(item.label).append(" ").append(text); }

  void add_derived(const FetchItem& item) {
    switch (item.what) {
      case What::envelope:
        return value(item, facts().envelope(client_));
      case What::body:
        return value(item, facts().body_structure(mime::Detail::body, client_));
      case What::body_structure:
        return value(item, facts().body_structure(mime::Detail::body_structure, client_));
      case What::preview:
        value(item, {});
        return mime::append_string(out_, facts().preview(), client_);
      case What::binary_size: {
        const mime::Layout layout = facts().layout();
        const mime::Extent* part = part_of(layout, item);
        const auto whole = static_cast<std::uint64_t>(message().size);
        return value(item, std::to_string(item.section.path.empty() ? whole : part ? part->decoded_size : 0));
      }
      case What::binary:
        return add_binary(item);
      default:
        return add_section(item);
    }
  }

  void add_section(const FetchItem& item) {
    const mime::Layout layout = facts().layout();
    const auto found = mime::find_section(layout, item.section);
    if (!found) return value(item, "NIL");
    std::vector<mime::Range> ranges{*found};
    const auto what = item.section.what;
    if (what == mime::Section::What::fields || what == mime::Section::What::fields_not) {
      ranges = mime::select_fields(octets_.read(found->begin, found->size()), found->begin, item.section);
    }
    ranges = cut(std::move(ranges), item);
    value(item, "{" + std::to_string(size_of(ranges)) + "}\r\n");
    for (const mime::Range& range : ranges) facts().has_nul() ? add_without_nul(range) : add_range(range);
  }

  void add_range(const mime::Range& range) {
    storage::Segment piece = octets_.piece(range);
    piece.file ? call_.send(std::move(piece)) : void(out_ += piece.bytes);
  }

  // RFC 9051 4.3.1: a literal can't have NUL, and its length is already known.
  void add_without_nul(const mime::Range& range) {
    storage::Spool mended(call_.session.store().spool_directory());
    for (std::uint64_t at = range.begin; at < range.end; at += piece_size) {
      std::string piece = octets_.read(at, std::min(piece_size, range.end - at));
      std::replace(piece.begin(), piece.end(), '\0', '\x80');
      mended.append(piece);
    }
    add_spool(mended);
  }

  void add_spool(storage::Spool& spool) { spool.in_memory() ? void(out_ += spool.bytes()) : call_.send(spool.take()); }

  // RFC 9051 6.4.5: what a partial fetch names are decoded octets.
  void add_binary(const FetchItem& item) {
    if (item.section.path.empty()) return add_section(item);
    const mime::Layout layout = facts().layout();
    const mime::Extent* part = part_of(layout, item);
    if (!part) return value(item, "NIL");
    storage::Spool decoded(call_.session.store().spool_directory());
    bool nul = false;
    std::uint64_t before = 0;
    const std::uint64_t from = item.part ? item.part->origin : 0;
    const std::uint64_t most = item.part ? item.part->count : part->decoded_size;
    const auto keep = [&](std::string& piece) {
      const std::uint64_t begin = std::min<std::uint64_t>(from > before ? from - before : 0, piece.size());
      const std::uint64_t room = most - std::min(most, decoded.size());
      const std::string_view wanted = std::string_view(piece).substr(
          static_cast<std::size_t>(begin), static_cast<std::size_t>(std::min<std::uint64_t>(room, piece.size())));
      nul = nul || wanted.find('\0') != std::string_view::npos;
      decoded.append(wanted);
      before += piece.size();
      piece.clear();
    };
    mime::TransferDecoder decoder(part->encoding, part->line_ends);
    std::string piece;
    for (std::uint64_t at = part->body_begin; at < part->body_end && decoded.size() < most; at += piece_size) {
      decoder.add(octets_.read(at, std::min(piece_size, part->body_end - at)), piece);
      keep(piece);
    }
    decoder.finish(piece);
    keep(piece);
    value(item, std::string(nul ? "~{" : "{") + std::to_string(decoded.size()) + "}\r\n");
    add_spool(decoded);
  }

  Call& call_;
  std::string& out_;
  Client client_;
  const Fetched& fetched_;
  Octets& octets_;
};

}  // namespace

FetchNeeds FetchNeeds::of(const std::vector<FetchItem>& items) {
  FetchNeeds needs;
  for (const FetchItem& item : items) {
    const What what = item.what;
    if (what == What::flags || what == What::uid || what == What::modseq) continue;
    needs.row = true;
    if (what == What::internal_date || what == What::save_date || what == What::size || what == What::email_id ||
        what == What::thread_id) {
      continue;
    }
    needs.facts = true;
    if (what != What::section && what != What::binary) continue;
    needs.sets_seen = needs.sets_seen || !item.peek;
    const auto of = item.section.what;
    const bool of_header = item.section.path.empty() && of != mime::Section::What::content &&
                           of != mime::Section::What::text && what == What::section;
    (of_header ? needs.header : needs.octets) = true;
  }
  return needs;
}

void refuse_fetch(const std::vector<FetchItem>& items, const Fetched& fetched) {
  for (const FetchItem& item : items) {
    if (item.what != What::binary && item.what != What::binary_size) continue;
    if (item.section.path.empty()) continue;
    const mime::Layout layout = Facts(fetched.packed).layout();
    const mime::Extent* part = part_of(layout, item);
    if (part && part->encoding == mime::Encoding::unknown) {
      throw Refusal("UNKNOWN-CTE", "A part is encoded in a way that is not known here");
    }
    if (part && part->kind != mime::PartKind::leaf) throw Refusal("", "Only parts without parts can be decoded");
  }
}

void append_fetch(Call& call, const std::vector<FetchItem>& items, const Fetched& fetched, Octets& octets) {
  call.out += "* " + std::to_string(fetched.number) + " FETCH (";
  Answer answer(call, fetched, octets);
  bool first = true;
  for (const FetchItem& item : items) {
    if (!first) call.out += ' ';
    first = false;
    answer.add(item);
  }
  call.out += ")\r\n";
}

}  // namespace mail::imap
