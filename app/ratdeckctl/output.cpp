#include "app/ratdeckctl/output.h"

#include "core/base/plain_text.h"

#include <cstdio>

namespace ratdeck {

void printJson(const Json& value) {
  printText(dumpJson(value) + "\n");
}

void printText(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int printError(const Error& error) {
  auto text = (error.where.isKnown() ? "" : "ratdeckctl: ") + plainText(error.toString()) + "\n";
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
  return exitCodeOf(error);
}

int exitCodeOf(const Error& error) {
  switch (error.kind) {
  case ErrorKind::Usage:
  case ErrorKind::Input:
  case ErrorKind::NotFound:
  case ErrorKind::Conflict:
  case ErrorKind::Refused:
    return exitBadInput;
  case ErrorKind::Unreachable:
  case ErrorKind::Timeout:
    return exitUnreachable;
  case ErrorKind::Cancelled:
    return exitInterrupted;
  case ErrorKind::Internal:
    return exitFailed;
  }
  return exitFailed;
}

} // namespace ratdeck
