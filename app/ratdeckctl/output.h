// Where text goes: results to stdout, errors to stderr, JSON as one object on the last line of stdout.
#pragma once

#include "app/ratdeckctl/options.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <string>

namespace ratdeck {

inline constexpr int exitDone = 0;
inline constexpr int exitFailed = 1;
inline constexpr int exitBadInput = 2;
inline constexpr int exitUnreachable = 6;
inline constexpr int exitUsersHurt = 8;
inline constexpr int exitChanges = 10;
inline constexpr int exitInterrupted = 130;

void printJson(const Json& value);
void printText(const std::string& text);
// "FILE:LINE:COLUMN: message; next" or "ratdeckctl: message; next" to stderr; returns the exit code of its
// kind.
int printError(const Error& error);
int exitCodeOf(const Error& error);

} // namespace ratdeck
