#include <sys/statvfs.h>
#include <sys/timex.h>

#include "server/doctor/checks.h"
#include "server/units.h"

namespace server {

namespace {

void check_configuration(Examined& examined) {
  const Config& config = examined.config;
  if (config.host_name.empty()) {
    examined.findings.wrong("configuration",
                            "server.host_name is not set; clients are told of " + examined.site.host + ".",
                            "Set it to the name that people connect to.");
  } else {
    examined.findings.good("configuration", "This is " + examined.site.host + ".");
  }
  if (config.certificates.empty()) {
    examined.findings.note("configuration", "No certificate is configured.",
                           "Name one in tls.certificates, unless a proxy in front does TLS for all protocols.");
  }
  if (!examined.site.mail.any()) {
    examined.findings.note("configuration",
                           "No service for mail is configured; this is for calendars and contacts alone.",
                           "For mail, set listen.imaps and listen.submissions.");
  }
}

void check_clock(Examined& examined) {
  timex state{};
  if (::adjtimex(&state) == TIME_ERROR) {
    examined.findings.note("clock", "The system doesn't keep its clock by others' (it is not synchronized).",
                           "Let systemd-timesyncd or chrony run: a wrong clock makes certificates invalid.");
  } else {
    examined.findings.good("clock", "The clock is synchronized.");
  }
}

void check_room(Examined& examined) {
  const std::string& folder = examined.config.store.directory;
  struct statvfs room {};
  if (::statvfs(folder.c_str(), &room) != 0) {
    examined.findings.wrong("disk", "The data folder " + folder + " can't be looked at.",
                            "Run this as the user who owns it; make it if it isn't there.");
    return;
  }
  constexpr std::uint64_t least = std::uint64_t{1} << 30U;
  const std::uint64_t left = std::uint64_t{room.f_bavail} * room.f_frsize;
  const std::string text = size_text(static_cast<std::int64_t>(left >> 20U << 20U));
  const bool few_files = room.f_files > 0 && room.f_favail < 1000;
  if (left < least || room.f_bavail < room.f_blocks / 50 || few_files) {
    examined.findings.wrong(
        "disk", "The data folder has " + text + " left, and room for " + std::to_string(room.f_favail) + " files.",
        "Make room: a full disk refuses mail and changes.");
  } else {
    examined.findings.good("disk", "The data folder has " + text + " left.");
  }
}

}  // namespace

void check_machine(Examined& examined) {
  check_configuration(examined);
  check_clock(examined);
  check_room(examined);
}

}  // namespace server
