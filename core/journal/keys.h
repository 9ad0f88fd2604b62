// The key that signs the heads of this user's journals (Ed25519, through OpenSSL), made at first use. A
// public key is written "ed25519:" and 64 hexadecimal digits; it is its own id. Knows no journal. Values; any
// thread.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace ratdeck {

class SigningKey {
public:
  // Reads FOLDER/journal.pem, or makes it (0600; the folder 0700) with FOLDER/journal.pub beside it. Two
  // programs that come first at once end with the same key. Errors: Input (not an Ed25519 key, a link,
  // readable by others), Internal (I/O).
  static Result<SigningKey> openOrMake(const std::string& folder);
  // A key that is kept nowhere.
  static Result<SigningKey> makeUnkept();

  const std::string& publicKey() const;
  // 128 hexadecimal digits. Errors: Internal (OpenSSL).
  Result<std::string> sign(std::string_view text) const;

private:
  struct Impl;
  explicit SigningKey(std::shared_ptr<const Impl> impl) : m_impl(std::move(impl)) {}
  std::shared_ptr<const Impl> m_impl; // shared and immutable: copies are cheap
};

// False for anything that is not a signature of `text` by `publicKey`, malformed input included.
bool isSignatureOf(std::string_view text, const std::string& publicKey, const std::string& signature);

// The public keys in FOLDER/*.pub: our own, and those of others that a person has put there. Files that hold
// no key are passed over. Errors: none; a folder that is not there gives an empty set.
std::set<std::string> knownKeys(const std::string& folder);

} // namespace ratdeck
