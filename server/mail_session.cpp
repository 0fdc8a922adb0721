#include "server/mail_session.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace server {

namespace {

constexpr std::size_t most_waiting_efforts = 1000;

mail::Peer mail_peer(const Peer& peer, bool tls_possible) {
  static const std::vector<Cidr> loopback{*Cidr::parse("127.0.0.0/8"), *Cidr::parse("::1")};
  return {peer.text, !peer.address || contains(loopback, *peer.address), peer.tls, tls_possible, peer.id};
}

class MailSession final : public Session, private mail::Connection {
 public:
  MailSession(std::unique_ptr<mail::Dialogue> dialogue, Gate& efforts, std::uint64_t id)
      : dialogue_(std::move(dialogue)), efforts_(efforts), id_(id) {}
  MailSession(const MailSession&) = delete;
  MailSession& operator=(const MailSession&) = delete;
  ~MailSession() override {
    if (waiting_) efforts_.cancel(id_);
  }

  void opened(Link& link) override {
    const Call call(*this, link);
    dialogue_->opened(*this);
  }
  std::size_t received(std::string_view bytes, Link& link) override {
    if (waiting_) return 0;
    const Call call(*this, link);
    return dialogue_->received(bytes, *this);
  }
  void sent(Link& link) override {
    const Call call(*this, link);
    if (waiting_) return link.pause();
    dialogue_->sent(*this);
  }
  void expired(Link& link) override {
    const Call call(*this, link);
    if (std::exchange(waiting_, nullptr)) efforts_.cancel(id_);
    dialogue_->expired(*this);
  }
  void woken(Link& link) override {
    const Call call(*this, link);
    if (!waiting_) return dialogue_->woken(*this);
    if (!efforts_.claim(id_)) return link.pause();
    work(std::exchange(waiting_, nullptr));
  }
  void drain(Link& link) override {
    const Call call(*this, link);
    if (std::exchange(waiting_, nullptr)) efforts_.cancel(id_);
    dialogue_->drain(*this);
  }

 private:
  /// What the dialogue says goes to this link, during one call.
  class Call {
   public:
    Call(MailSession& session, Link& link) : session_(session) {
      session_.link_ = &link;
      session_.peer_ = mail_peer(link.peer(), link.tls_possible());
    }
    ~Call() { session_.link_ = nullptr; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    MailSession& session_;
  };

  const mail::Peer& peer() const override { return peer_; }
  void send(std::string bytes) override { link_->send(std::move(bytes)); }
  void send(storage::Segment segment) override { link_->send(std::move(segment)); }
  void close() override { link_->close_lingering(); }
  void start_tls() override { link_->start_tls(); }
  void pause() override { link_->pause(); }
  void deadline(std::chrono::steady_clock::time_point when) override { link_->deadline(when); }
  bool draining() const override { return link_->draining(); }

  void take_effort(Work effort) override {
    const auto processors = std::max(1U, std::thread::hardware_concurrency());
    switch (efforts_.enter(id_, processors, most_waiting_efforts)) {
      case Gate::Entry::inside:
        return work(effort);
      case Gate::Entry::queued:
        waiting_ = std::move(effort);
        return link_->pause();
      case Gate::Entry::full:
        return effort(*this, true);
    }
  }

  void work(const Work& effort) {
    const struct Leave {
      Gate& gate;
      ~Leave() { gate.leave(); }
    } leave{efforts_};
    effort(*this, false);
  }

  std::unique_ptr<mail::Dialogue> dialogue_;
  Gate& efforts_;
  std::uint64_t id_;
  mail::Peer peer_;
  Link* link_ = nullptr;
  Work waiting_;  ///< set while it waits for its turn
};

}  // namespace

void MailProtocol::attached(Loop& loop) {
  efforts_.set_wake([&loop](std::uint64_t connection) { loop.wake(connection); });
}

std::unique_ptr<Session> MailProtocol::open(const Peer& peer) {
  return std::make_unique<MailSession>(protocol_->open(mail_peer(peer, false)), efforts_, peer.id);
}

}  // namespace server
