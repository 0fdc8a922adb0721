#include "server/config_keys.h"

#include <array>
#include <charconv>
#include <limits>
#include <stdexcept>

#include "server/config_slots.h"

namespace server {

namespace {

using namespace slots;
using namespace std::chrono_literals;
constexpr std::int64_t KiB = 1 << 10;
constexpr std::int64_t MiB = std::int64_t{1} << 20;
constexpr std::int64_t GiB = std::int64_t{1} << 30;
constexpr auto year = 366 * 24h;

constexpr bool at_start = false;
constexpr bool on_reload = true;

// clang-format off
const std::array keys{
    Key{"server.data", at_start,
        [](Config& c) { return text(c.store.directory,
            [](std::string_view path) { non_empty_text(path); absolute_folder_or_none(path); }); }},
    Key{"server.host_name", on_reload, [](Config& c) { return text(c.host_name, host_or_none); }},
    Key{"server.domains", on_reload, [](Config& c) { return texts(c.domains, mail_domain); }},
    Key{"server.workers", at_start, [](Config& c) { return number(c.workers, 0, 1024); }},
    Key{"server.drain", on_reload, [](Config& c) { return duration(c.drain, 0s, 1h); }},
    Key{"server.tidy_every", at_start, [](Config& c) { return duration(c.tidy_every, 1s, 24h); }},
    Key{"server.trace", on_reload, [](Config& c) { return text(c.trace, any_text); }},

    Key{"listen.https", at_start, [](Config& c) { return texts(c.https, endpoint); }},
    Key{"listen.http", at_start, [](Config& c) { return texts(c.http, endpoint); }},
    Key{"listen.admin", at_start, [](Config& c) { return texts(c.admin, endpoint); }},
    Key{"listen.imaps", at_start, [](Config& c) { return texts(c.imaps, endpoint); }},
    Key{"listen.imap", at_start, [](Config& c) { return texts(c.imap, endpoint); }},
    Key{"listen.submissions", at_start, [](Config& c) { return texts(c.submissions, endpoint); }},
    Key{"listen.submission", at_start, [](Config& c) { return texts(c.submission, endpoint); }},
    Key{"listen.lmtp", at_start, [](Config& c) { return texts(c.lmtp, endpoint_or_socket); }},
    Key{"listen.managesieve", at_start, [](Config& c) { return texts(c.managesieve, endpoint); }},
    Key{"listen.plaintext", on_reload,
        [](Config& c) { return choice(c.plaintext,
            {{"redirect", Plaintext::redirect}, {"serve", Plaintext::serve}}); }},
    Key{"listen.plaintext_from", on_reload, [](Config& c) { return texts(c.plaintext_from, block); }},

    Key{"tls.certificates", on_reload, [](Config& c) { return certificates(c.certificates); }},
    Key{"tls.hsts", on_reload, [](Config& c) { return duration(c.hsts, 0s, 10 * year); }},
    Key{"tls.acme_challenges", on_reload, [](Config& c) { return text(c.acme_directory, absolute_folder_or_none); }},

    Key{"proxy.trusted", on_reload, [](Config& c) { return texts(c.trusted_proxies, block); }},
    Key{"proxy.protocol_from", at_start, [](Config& c) { return texts(c.proxy_protocol_from, block); }},

    Key{"store.postgres", at_start, [](Config& c) { return text(c.store.postgres, any_text); }},
    Key{"store.pool", at_start, [](Config& c) { return number(c.store.pool, 1, 1000); }},
    Key{"store.read_connections", at_start, [](Config& c) { return number(c.store.read_connections, 0, 1024); }},
    Key{"store.batch_jobs", at_start, [](Config& c) { return number(c.store.batch_jobs, 1, 10000); }},
    Key{"store.keep_tombstones", at_start,
        [](Config& c) { return seconds(c.store.tombstone_seconds, 24h, 100 * year); }},
    Key{"store.keep_revisions", at_start, [](Config& c) { return seconds(c.store.revision_seconds, 0s, 100 * year); }},
    Key{"store.keep_unused", at_start, [](Config& c) { return seconds(c.store.blob_seconds, 60s, year); }},

    Key{"passwords.argon2_passes", on_reload, [](Config& c) { return number(c.passwords.argon2_passes, 1, 100); }},
    Key{"passwords.argon2_memory", on_reload,
        [](Config& c) { return size(c.passwords.argon2_memory_kib, 8 * KiB, 4 * GiB - KiB, KiB); }},
    Key{"passwords.remember", on_reload, [](Config& c) { return duration(c.passwords.remember, 0s, 24h); }},
    Key{"passwords.failures_before_delay", on_reload,
        [](Config& c) { return number(c.passwords.failures_before_delay, 1, 1000); }},
    Key{"passwords.longest_delay", on_reload, [](Config& c) { return duration(c.passwords.longest_delay, 1s, 24h); }},

    Key{"dav.max_file_size", on_reload,
        [](Config& c) { return size(c.dav.max_file_size, 1 * KiB, 1024 * 1024 * GiB); }},
    Key{"dav.max_object_size", on_reload, [](Config& c) { return size(c.dav.max_object_size, 1 * KiB, 1 * GiB); }},
    Key{"dav.max_attachment_size", on_reload,
        [](Config& c) { return size(c.dav.max_attachment_size, 1 * KiB, 1024 * GiB); }},
    Key{"dav.max_attachments_per_object", on_reload,
        [](Config& c) { return number(c.dav.max_attachments_per_object, 1, 100'000); }},
    Key{"dav.max_bulk_size", on_reload, [](Config& c) { return size(c.dav.max_bulk_size, 1 * KiB, 1024 * GiB); }},
    Key{"dav.max_xml_size", on_reload, [](Config& c) { return size(c.dav.max_xml_size, 1 * KiB, 1 * GiB); }},
    Key{"dav.max_xml_depth", on_reload, [](Config& c) { return number(c.dav.max_xml_depth, 8, 1000); }},
    Key{"dav.infinite_depth_in_homes", on_reload, [](Config& c) { return flag(c.dav.infinite_depth_in_homes); }},
    Key{"dav.infinite_depth_above_homes", on_reload, [](Config& c) { return flag(c.dav.infinite_depth_above_homes); }},
    Key{"dav.max_attendees_per_instance", on_reload,
        [](Config& c) { return number(c.dav.max_attendees_per_instance, 1, 1'000'000); }},
    Key{"dav.max_instances", on_reload, [](Config& c) { return number(c.dav.max_instances, 1, 10'000'000); }},
    Key{"dav.min_date_time", on_reload, [](Config& c) { return text(c.dav.min_date_time, date_time); }},
    Key{"dav.max_date_time", on_reload, [](Config& c) { return text(c.dav.max_date_time, date_time); }},
    Key{"dav.group_mode", on_reload,
        [](Config& c) {
          return choice(c.dav.group_mode,
                        {{"cards", dav::GroupMode::cards}, {"categories", dav::GroupMode::categories}});
        }},
    Key{"dav.photo_size", on_reload, [](Config& c) { return number(c.dav.photo_size, 0, 4096); }},
    Key{"dav.directory", on_reload, [](Config& c) { return flag(c.dav.directory); }},
    Key{"dav.directory_limit", on_reload, [](Config& c) { return number(c.dav.directory_limit, 1, 10'000); }},
    Key{"dav.merged_book", on_reload, [](Config& c) { return flag(c.dav.merged_book); }},
    Key{"dav.default_lock", on_reload, [](Config& c) { return seconds(c.dav.default_lock_seconds, 1s, year); }},
    Key{"dav.max_lock", on_reload, [](Config& c) { return seconds(c.dav.max_lock_seconds, 1s, year); }},

    Key{"dav.birthdays", on_reload, [](Config& c) { return flag(c.birthdays); }},

    Key{"smtp.max_message", at_start,
        [](Config& c) { return size(c.mail.smtp.most_message, 64 * KiB, 4 * GiB); }},
    Key{"smtp.idle", at_start, [](Config& c) { return duration(c.mail.smtp.idle, 1s, 24h); }},
    Key{"smtp.max_recipients", at_start, [](Config& c) { return number(c.mail.smtp.most_recipients, 100, 100'000); }},
    Key{"smtp.max_errors", at_start, [](Config& c) { return number(c.mail.smtp.most_errors, 1, 10'000); }},
    Key{"smtp.max_hops", at_start, [](Config& c) { return number(c.mail.smtp.most_hops, 10, 1000); }},
    Key{"smtp.recipients_per_hour", at_start,
        [](Config& c) { return number(c.mail.smtp.recipients_per_hour, 0, 10'000'000); }},
    Key{"smtp.lmtp_peers", at_start, [](Config& c) { return texts(c.mail.smtp.lmtp_peers, block); }},
    Key{"smtp.postmaster", at_start, [](Config& c) { return text(c.mail.smtp.postmaster, any_text); }},
    Key{"smtp.quota", at_start,
        [](Config& c) { return choice(c.mail.smtp.quota_defers, {{"refuse", false}, {"defer", true}}); }},
    Key{"smtp.drop_duplicates", at_start, [](Config& c) { return flag(c.mail.smtp.drop_duplicates); }},
    Key{"smtp.keep_sent", at_start, [](Config& c) { return flag(c.mail.smtp.keep_sent); }},
    Key{"smtp.relay", at_start, [](Config& c) { return text(c.mail.smtp.relay, host_and_port_or_none); }},
    Key{"smtp.relay_tls", at_start,
        [](Config& c) {
          using mail::smtp::RelayTls;
          return choice(c.mail.smtp.relay_tls,
                        {{"none", RelayTls::none}, {"opportunistic", RelayTls::opportunistic},
                         {"verified", RelayTls::verified}, {"implicit", RelayTls::implicit}});
        }},
    Key{"smtp.relay_user", at_start, [](Config& c) { return text(c.mail.smtp.relay_user, any_text); }},
    Key{"smtp.relay_password_file", at_start,
        [](Config& c) { return text(c.mail.smtp.relay_password_file, absolute_folder_or_none); }},
    Key{"smtp.first_retry", at_start, [](Config& c) { return duration(c.mail.smtp.first_retry, 1s, 24h); }},
    Key{"smtp.longest_retry", at_start, [](Config& c) { return duration(c.mail.smtp.longest_retry, 1s, year); }},
    Key{"smtp.warn_after", at_start, [](Config& c) { return duration(c.mail.smtp.warn_after, 0s, year); }},
    Key{"smtp.give_up_after", at_start, [](Config& c) { return duration(c.mail.smtp.give_up_after, 1s, year); }},

    Key{"subscriptions.enabled", on_reload, [](Config& c) { return flag(c.subscriptions.enabled); }},
    Key{"subscriptions.refresh", on_reload, [](Config& c) { return duration(c.subscriptions.refresh, 1s, year); }},
    Key{"subscriptions.least_refresh", on_reload,
        [](Config& c) { return duration(c.subscriptions.least_refresh, 1s, year); }},
    Key{"subscriptions.longest_refresh", on_reload,
        [](Config& c) { return duration(c.subscriptions.longest_refresh, 1s, year); }},
    Key{"subscriptions.gone_after", on_reload,
        [](Config& c) { return duration(c.subscriptions.gone_after, 0s, year); }},
    Key{"subscriptions.max_size", on_reload,
        [](Config& c) { return size(c.subscriptions.fetch.octets, 1 * KiB, 64 * MiB); }},
    Key{"subscriptions.max_time", on_reload,
        [](Config& c) { return duration(c.subscriptions.fetch.time, 100ms, 10min); }},
    Key{"subscriptions.allow_from", on_reload, [](Config& c) { return texts(c.subscriptions_from, block); }},
    Key{"subscriptions.webcal_is_http", on_reload,
        [](Config& c) { return flag(c.subscriptions.fetch.webcal_is_http); }},

    Key{"http.compress", on_reload, [](Config& c) { return flag(c.compress); }},
    Key{"http.max_target", on_reload, [](Config& c) { return size(c.http_limits.target_octets, 256, 1 * MiB); }},
    Key{"http.max_head", on_reload, [](Config& c) { return size(c.http_limits.head_octets, 1 * KiB, 16 * MiB); }},
    Key{"http.max_fields", on_reload, [](Config& c) { return number(c.http_limits.head_fields, 16, 10000); }},
    Key{"http.max_trailers", on_reload, [](Config& c) { return size(c.http_limits.trailer_octets, 0, 1 * MiB); }},
    Key{"http.max_drain", on_reload, [](Config& c) { return size(c.http_limits.drain_octets, 0, 1 * GiB); }},
    Key{"http.idle", on_reload, [](Config& c) { return duration(c.http_limits.idle, 1s, 24h); }},
    Key{"http.head", on_reload, [](Config& c) { return duration(c.http_limits.head, 100ms, 1h); }},
    Key{"http.body_stall", on_reload, [](Config& c) { return duration(c.http_limits.body_stall, 100ms, 1h); }},
    Key{"http.body_grace", on_reload, [](Config& c) { return duration(c.http_limits.body_grace, 100ms, 24h); }},
    Key{"http.body_rate", on_reload, [](Config& c) { return size(c.http_limits.body_rate, 0, 1 * GiB); }},
    Key{"http.requests_per_connection", on_reload,
        [](Config& c) { return number(c.http_limits.requests_per_connection,
            0, std::numeric_limits<std::int32_t>::max()); }},

    Key{"imap.max_message", at_start, [](Config& c) { return size(c.mail.imap.most_message, 64 * KiB, 4 * GiB); }},
    Key{"imap.max_literal", at_start, [](Config& c) { return size(c.mail.imap.most_literal, 4 * KiB, 64 * MiB); }},
    Key{"imap.idle", at_start, [](Config& c) { return duration(c.mail.imap.idle, 1s, 24h); }},

    Key{"connections.most", on_reload, [](Config& c) { return number(c.loop_limits.connections, 10, 10'000'000); }},
    Key{"connections.per_address", on_reload,
        [](Config& c) { return number(c.loop_limits.connections_per_address, 1, 10'000'000); }},
    Key{"connections.handshake", on_reload, [](Config& c) { return duration(c.loop_limits.handshake, 100ms, 1h); }},
    Key{"connections.write_stall", on_reload, [](Config& c) { return duration(c.loop_limits.write_stall, 100ms, 1h); }},
    Key{"connections.write_grace", on_reload,
        [](Config& c) { return duration(c.loop_limits.write_grace, 100ms, 24h); }},
    Key{"connections.write_rate", on_reload, [](Config& c) { return size(c.loop_limits.write_rate, 0, 1 * GiB); }},
    Key{"connections.linger", on_reload, [](Config& c) { return duration(c.loop_limits.linger, 0s, 1h); }},
    Key{"connections.max_linger", on_reload, [](Config& c) { return size(c.loop_limits.linger_octets, 0, 1 * GiB); }},

    Key{"log.level", on_reload,
        [](Config& c) { return choice(c.log.level,
            {{"debug", Level::debug}, {"info", Level::info}, {"warning", Level::warning}, {"error", Level::error}}); }},
    Key{"log.format", on_reload,
        [](Config& c) { return choice(c.log.format, {{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}}); }},
    Key{"log.target", on_reload,
        [](Config& c) { return choice(c.log.target,
            {{"stderr", LogTarget::stderr_}, {"journal", LogTarget::journal}}); }},
    Key{"log.requests", on_reload, [](Config& c) { return flag(c.log.requests); }},

    Key{"sieve.max_script", at_start, [](Config& c) { return size(c.mail.sieve.most_script, 16 * KiB, 16 * MiB); }},
    Key{"sieve.max_scripts", at_start, [](Config& c) { return number(c.mail.sieve.most_scripts, 1, 1000); }},
    Key{"sieve.idle", at_start, [](Config& c) { return duration(c.mail.sieve.idle, 1s, 24h); }},
};
// clang-format on

}  // namespace

std::span<const Key> config_keys() { return keys; }

Endpoint parse_endpoint(std::string_view text) {
  const auto wrong = [&] {
    return std::invalid_argument(in_quotes(text) +
                                 " is not an IP address and port, as in \"[::]:443\" or \"192.0.2.1:443\"");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) throw wrong();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = Address::parse(host);
  if (!address || bracketed != (host.find(':') != std::string_view::npos)) throw wrong();
  Endpoint endpoint{std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc{} || end != port.data() + port.size()) throw wrong();
  return endpoint;
}

}  // namespace server
