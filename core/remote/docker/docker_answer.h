// What an answer of a Docker Engine comes to: its JSON, or an Error in Docker's own words.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

// The Error that a status other than 2xx and 304 is, with Docker's {"message"} made plain and short. 400:
// Input; 401 and 403: Refused; 404: NotFound; 409: Conflict; all others: Internal.
Error dockerError(int status, std::string_view body);

// The JSON of an answer. `what` names it in the error ("the list of containers"). Errors: Internal (no JSON,
// too deep).
Result<Json> readDockerJson(std::string_view body, const std::string& what);

// Docker's words, as they may be shown: one line of at most 500 bytes.
std::string dockerWords(std::string_view text);

// A moment in Docker's JSON; nothing for a missing one and for 0001-01-01, which is how Docker writes
// "never".
std::optional<WallTime> dockerTimeAt(const Json& value, const char* key);

// Members that never fail: a number that an int does not hold, and what is no text, are left out.
int dockerIntAt(const Json& value, const char* key);
std::vector<std::string> dockerTextsAt(const Json& value, const char* key);
std::map<std::string, std::string> dockerLabelsAt(const Json& value, const char* key);
// The member if it is a list, an object; else an empty one.
const Json& dockerListAt(const Json& value, const char* key);
const Json& dockerObjectAt(const Json& value, const char* key);

} // namespace ratdeck
