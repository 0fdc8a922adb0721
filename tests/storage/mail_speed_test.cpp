// How fast mail is, in processor time; run by hand: storage_tests "[.speed]".
#include <sys/resource.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>
#include <numeric>
#include <thread>

#include "storage/signature.h"
#include "tests/storage/mail_world.h"

using namespace storage;
using testing::backends;
using testing::MailWorld;

namespace {

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The best of three.
void tell(const char* what, const std::function<void()>& run, int times = 3) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    const double before = processor_seconds();
    run();
    best = std::min(best, processor_seconds() - before);
  }
  std::printf("%-60s %9.1f ms\n", what, best * 1000);
}

/// A text of words that others have, too, and some that few have.
std::string text_of(unsigned number, std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    number = number * 1664525U + 1013904223U;
    text += "WORD" + std::to_string(number >> (number % 7 == 0 ? 4 : 22)) + ' ';
  }
  return text;
}

}  // namespace

TEST_CASE("the speed of mail", "[.speed]") {
  const auto backend = GENERATE(from_range(backends()));
  MailWorld world(backend);
  constexpr Uid all = 100'000;
  std::printf("%s\n", backend.name.c_str());
  std::vector<NewMessage> messages;
  for (unsigned i = 0; i < all; ++i) {
    NewMessage& message = messages.emplace_back();
    std::string octets = "Message-ID: <" + std::to_string(i) + "@x>\r\n\r\n" + text_of(i, 40);
    message.blob = world.stage(octets);
    message.facts.packed = std::string(1200, 'p');
    message.facts.header = std::string(2500, 'h');
    message.facts.edition = 1;
    message.facts.message_ids = {std::to_string(i) + "@x"};
    SignatureMaker maker;
    maker.add(SearchIn::headers, text_of(i, 150));
    maker.add(SearchIn::body, text_of(i + 1, 300));
    message.facts.signature = maker.finish();
  }
  std::printf("a signature has %zu octets\n", messages[0].facts.signature->size());
  const auto append = [&](std::size_t from, std::size_t number) {
    world.store->write([&](Transaction& transaction) {
      Mail(transaction).append(world.inbox, std::span(messages).subspan(from, number), {});
    });
  };
  tell(
      "append 98 000, 100 a transaction",
      [&] {
        for (std::size_t at = 0; at < 98'000; at += 100) append(at, 100);
      },
      1);
  tell(
      "append 2 000, each its own, 16 threads",
      [&] {
        std::vector<std::thread> threads;
        for (std::size_t thread = 0; thread < 16; ++thread) {
          threads.emplace_back([&, thread] {
            for (std::size_t i = thread; i < 2'000; i += 16) append(98'000 + i, 1);
          });
        }
        for (auto& thread : threads) thread.join();
      },
      1);

  std::vector<Uid> uids(all);
  std::iota(uids.begin(), uids.end(), 1);
  const auto read = [&](const std::function<void(Mail&)>& run) {
    world.store->read([&](Transaction& transaction) {
      Mail mail(transaction);
      run(mail);
    });
  };
  std::int64_t sum = 0;
  tell("flags of 100 000", [&] {
    read([&](Mail& mail) { mail.flags_of(world.inbox, 1, [&](const MessageFlags& flags) { sum += flags.modseq; }); });
  });
  const auto count = [&](const Message& message, std::string_view packed) {
    sum += message.size + static_cast<std::int64_t>(packed.size());
  };
  for (const auto& [what, how] :
       {std::pair{"rows of 100 000", Mail::WithFacts::no}, std::pair{"facts of 100 000", Mail::WithFacts::yes},
        std::pair{"facts and headers of 100 000", Mail::WithFacts::with_header}}) {
    tell(what, [&] { read([&](Mail& mail) { mail.messages(world.inbox, uids, how, count); }); });
  }
  std::size_t found = 0;
  for (const char* needle : {"WORD4711", "WORD12", "NEVER MET"}) {
    tell(needle, [&] { read([&](Mail& mail) { found = mail.holding(world.inbox, SearchIn::body, needle)->size(); }); });
    std::printf("  %zu candidates\n", found);
  }
  tell("changed since 10 changes", [&] {
    read([&](Mail& mail) {
      const Modseq now = mail.mailbox(world.inbox)->modseq;
      sum += static_cast<std::int64_t>(mail.changed_since(world.inbox, now - 10).size());
    });
  });
  const auto write = [&](const std::function<void(Mail&)>& run) {
    world.store->write([&](Transaction& transaction) {
      Mail mail(transaction);
      run(mail);
    });
  };
  const auto thousand = std::span<const Uid>(uids).subspan(40'000, 1000);
  tell(
      "store on 1 000",
      [&] {
        write([&](Mail& mail) { mail.store(world.inbox, thousand, {FlagChange::Way::add, flag::seen, {}, {}}); });
      },
      1);
  tell(
      "store on 100 000",
      [&] { write([&](Mail& mail) {
              mail.store(world.inbox, uids, {FlagChange::Way::add, flag::flagged, {}, {}});
            }); },
      1);
  tell(
      "copy 1 000", [&] { write([&](Mail& mail) { mail.copy(world.inbox, thousand, world.trash, {}); }); }, 1);
  tell(
      "move 1 000", [&] { write([&](Mail& mail) { mail.move(world.inbox, thousand, world.trash, {}); }); }, 1);
  tell(
      "expunge 1 000",
      [&] {
        write([&](Mail& mail) { mail.expunge(world.inbox, std::span<const Uid>(uids).subspan(60'000, 1000), {}); });
      },
      1);
  CHECK(sum > 0);
}
