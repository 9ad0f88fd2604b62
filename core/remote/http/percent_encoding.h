// Text in URLs and in bodies of forms.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ratdeck {

std::string percentEncoded(const std::string& text);
// "a=1&b=2", both sides encoded, in the order given.
std::string formText(const std::vector<std::pair<std::string, std::string>>& fields);

} // namespace ratdeck
