#include "core/remote/http/percent_encoding.h"

#include <curl/curl.h>

namespace ratdeck {

std::string percentEncoded(const std::string& text) {
  if (text.empty()) // curl would take the length 0 for "measure it"
    return {};
  char* encoded = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
  std::string result = encoded ? encoded : "";
  curl_free(encoded);
  return result;
}

std::string formText(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [key, value] : fields)
    text += (text.empty() ? "" : "&") + percentEncoded(key) + "=" + percentEncoded(value);
  return text;
}

} // namespace ratdeck
