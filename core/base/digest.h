// SHA-256, the one digest of the project (plan hash, spec hash, journal chain).
#pragma once

#include <string>
#include <string_view>

namespace ratdeck {

// Lower-case hexadecimal, 64 characters.
std::string sha256(std::string_view bytes);

// Keyed (HMAC-SHA-256), for values that must be compared but never be guessed from their hash.
std::string hmacSha256(std::string_view key, std::string_view bytes);

// n random bytes from the operating system, as 2n lower-case hexadecimal characters.
std::string randomHex(size_t n);

} // namespace ratdeck
