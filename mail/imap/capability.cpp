#include "mail/imap/capability.h"

#include <array>
#include <string_view>

#include "mail/imap/session.h"
#include "mail/login.h"

namespace mail::imap {

namespace {

struct Capability {
  std::string_view name;
  unsigned states;  ///< in which it is told
};

constexpr std::array table{
    Capability{"IMAP4rev1", state::any},                    // RFC 3501
    Capability{"IMAP4rev2", state::any},                    // RFC 9051
    Capability{"LITERAL+", state::any},                     // RFC 7888
    Capability{"SASL-IR", state::any},                      // RFC 4959
    Capability{"ID", state::any},                           // RFC 2971
    Capability{"ENABLE", state::any},                       // RFC 5161
    Capability{"IDLE", state::any},                         // RFC 2177
    Capability{"ACL", state::logged_in},                    // RFC 4314
    Capability{"CHILDREN", state::logged_in},               // RFC 3348
    Capability{"CREATE-SPECIAL-USE", state::logged_in},     // RFC 6154
    Capability{"ESEARCH", state::logged_in},                // RFC 4731
    Capability{"ESORT", state::logged_in},                  // RFC 5267
    Capability{"I18NLEVEL=1", state::logged_in},            // RFC 5255
    Capability{"LIST-EXTENDED", state::logged_in},          // RFC 5258
    Capability{"LIST-MYRIGHTS", state::logged_in},          // RFC 8440
    Capability{"LIST-STATUS", state::logged_in},            // RFC 5819
    Capability{"METADATA", state::logged_in},               // RFC 5464
    Capability{"MULTISEARCH", state::logged_in},            // RFC 7377
    Capability{"PARTIAL", state::logged_in},                // RFC 9394
    Capability{"QUOTA", state::logged_in},                  // RFC 9208
    Capability{"QUOTA=RES-STORAGE", state::logged_in},      // RFC 9208
    Capability{"RIGHTS=kxte", state::logged_in},            // RFC 4314
    Capability{"SEARCHRES", state::logged_in},              // RFC 5182
    Capability{"SEARCH=FUZZY", state::logged_in},           // RFC 6203
    Capability{"SORT", state::logged_in},                   // RFC 5256
    Capability{"SORT=DISPLAY", state::logged_in},           // RFC 5957
    Capability{"SPECIAL-USE", state::logged_in},            // RFC 6154
    Capability{"STATUS=SIZE", state::logged_in},            // RFC 8438
    Capability{"THREAD=ORDEREDSUBJECT", state::logged_in},  // RFC 5256
    Capability{"THREAD=REFERENCES", state::logged_in},      // RFC 5256
    Capability{"WITHIN", state::logged_in},                 // RFC 5032
    // REFERENCES without the subjects, as the authors of RFC 5256 have drafted it.
    Capability{"THREAD=REFS", state::logged_in}, Capability{"BINARY", state::logged_in},  // RFC 3516
    Capability{"CONDSTORE", state::logged_in},                                            // RFC 7162
    Capability{"MOVE", state::logged_in},                                                 // RFC 6851
    Capability{"MULTIAPPEND", state::logged_in},                                          // RFC 3502
    Capability{"NAMESPACE", state::logged_in},                                            // RFC 2342
    Capability{"OBJECTID", state::logged_in},                                             // RFC 8474
    Capability{"PREVIEW", state::logged_in},                                              // RFC 8970
    Capability{"QRESYNC", state::logged_in},                                              // RFC 7162
    Capability{"SAVEDATE", state::logged_in},                                             // RFC 8514
    Capability{"UIDPLUS", state::logged_in},                                              // RFC 4315
    Capability{"UNAUTHENTICATE", state::logged_in},                                       // RFC 8437
    Capability{"UNSELECT", state::logged_in},                                             // RFC 3691
    Capability{"UTF8=ACCEPT", state::logged_in},                                          // RFC 6855
};

void append(std::string& out, std::string_view name) {
  if (!out.empty()) out += ' ';
  out += name;
}

}  // namespace

std::string capabilities(const Session& session, const Peer& peer) {
  std::string out;
  for (const Capability& row : table) {
    if ((row.states & session.state()) != 0) append(out, row.name);
  }
  if (session.state() != state::not_authenticated) {
    append(out, "APPENDLIMIT=" + std::to_string(session.settings().most_message));  // RFC 7889
    return out;
  }
  if (peer.tls_possible && !peer.tls) append(out, "STARTTLS");
  if (!may_log_in(peer)) {
    append(out, "LOGINDISABLED");
    return out;
  }
  std::string_view mechanisms = sasl_mechanisms();
  while (!mechanisms.empty()) {
    const std::string_view name = mechanisms.substr(0, mechanisms.find(' '));
    append(out, "AUTH=" + std::string(name));
    mechanisms.remove_prefix(std::min(name.size() + 1, mechanisms.size()));
  }
  return out;
}

}  // namespace mail::imap
