#include "mail/smtp/report.h"

#include <algorithm>

#include "mail/smtp/command.h"
#include "mail/smtp/trace.h"

namespace mail::smtp {

namespace {

struct Words {
  Action action;
  std::string_view name;  // RFC 3464 2.3.3
  std::string_view subject;
  std::string_view text;
};
constexpr Words words[] = {
    {Action::failed, "failed", "Undelivered mail returned to sender",
     "Your message could not be delivered to the recipients below, and will not be tried again."},
    {Action::delayed, "delayed", "Mail is delayed",
     "Your message could not be delivered yet to the recipients below. It will be tried again; you need do nothing."},
    {Action::delivered, "delivered", "Mail was delivered", "Your message was delivered to the recipients below."},
    {Action::relayed, "relayed", "Mail was passed on",
     "Your message was passed on to a server that does not tell when it is delivered to the recipients below."},
};

const Words& words_of(Action action) {
  return *std::find_if(std::begin(words), std::end(words), [&](const Words& one) { return one.action == action; });
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

/// A field's value: on one line.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 900)) out += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  return out;
}

std::string typed(const std::string& address, std::string_view type) { return std::string(type) + "; " + address; }

// RFC 3461 6.3: as it was given, without its encoding.
std::string original_recipient(const std::string& original) {
  const std::size_t semicolon = original.find(';');
  const auto decoded = from_xtext(std::string_view(original).substr(semicolon + 1));
  return one_line(typed(decoded.value_or(original.substr(semicolon + 1)), original.substr(0, semicolon)));
}

std::string fields_of(const Report& report, const ReportedRecipient& one) {
  std::string out = "\r\n";
  if (!one.recipient.original.empty()) {
    out += "Original-Recipient: " + original_recipient(one.recipient.original) + "\r\n";
  }
  const std::string& address = one.recipient.address;
  out += "Final-Recipient: " + typed(one_line(address), is_ascii(address) ? "rfc822" : "utf-8") + "\r\n";
  out += "Action: " + std::string(words_of(report.action).name) + "\r\nStatus: " + one_line(one.status) + "\r\n";
  if (one.remote_reply) out += "Diagnostic-Code: smtp; " + one_line(one.reason) + "\r\n";
  out += "Last-Attempt-Date: " + date_text(report.now) + "\r\n";
  if (report.action == Action::delayed) out += "Will-Retry-Until: " + date_text(report.give_up) + "\r\n";
  return out;
}

std::string text_of(const Report& report, const std::vector<ReportedRecipient>& recipients) {
  std::string out = "This is the mail system at " + report.own_name + ".\r\n\r\n";
  out += std::string(words_of(report.action).text) + "\r\n\r\n";
  for (const ReportedRecipient& one : recipients) {
    out += "<" + one_line(one.recipient.address) + ">";
    if (!one.reason.empty()) out += ": " + one_line(one.reason);
    out += "\r\n";
  }
  return out;
}

}  // namespace

bool wants(const storage::QueuedRecipient& recipient, Action action) {
  const unsigned notify = recipient.notify;
  switch (action) {
    case Action::failed:
      return notify == notify::unsaid || (notify & notify::failure) != 0;
    case Action::delayed:
      return notify == notify::unsaid || (notify & notify::delay) != 0;
    case Action::delivered:
    case Action::relayed:
      return (notify & notify::success) != 0;
  }
  return false;
}

std::string make_report(const Report& report, const storage::QueuedMessage& message,
                        const std::vector<ReportedRecipient>& recipients) {
  const bool global = !std::all_of(recipients.begin(), recipients.end(), [](const ReportedRecipient& one) {
    return is_ascii(one.recipient.address) && is_ascii(one.recipient.original);
  });
  const std::string line = "--" + report.boundary;
  std::string out = "From: Mail Delivery System <MAILER-DAEMON@" + report.own_name + ">\r\n";
  out += "To: <" + message.sender + ">\r\nSubject: " + std::string(words_of(report.action).subject) + "\r\n";
  out += "Date: " + date_text(report.now) + "\r\nMessage-ID: <" + report.boundary + "@" + report.own_name + ">\r\n";
  // RFC 3834 5
  out += "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"" + report.boundary + "\"\r\n";
  out += "Content-Transfer-Encoding: 8bit\r\n\r\n";
  out += line + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  out += text_of(report, recipients);
  out += "\r\n" + line + "\r\nContent-Type: message/" + (global ? "global-delivery-status" : "delivery-status");
  out += "\r\nContent-Transfer-Encoding: 8bit\r\n\r\nReporting-MTA: dns; " + report.own_name + "\r\n";
  if (!message.envelope_id.empty()) {
    out += "Original-Envelope-Id: " + one_line(from_xtext(message.envelope_id).value_or(message.envelope_id)) + "\r\n";
  }
  out += "Arrival-Date: " + date_text(message.created) + "\r\n";
  for (const ReportedRecipient& one : recipients) out += fields_of(report, one);
  const std::string_view kind = report.whole ? (global ? "message/global" : "message/rfc822")
                                             : (global ? "message/global-headers" : "text/rfc822-headers");
  out += "\r\n" + line + "\r\nContent-Type: " + std::string(kind) + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  out += report.original;
  return out + "\r\n" + line + "--\r\n";
}

}  // namespace mail::smtp
