// The signed head of a journal, X.ratlog.head: how far the journal went, so that a tail cut off at the end of
// a line shows. Knows no files. Pure; any thread.
#pragma once

#include "core/base/result.h"

#include <string>

namespace ratdeck {

class SigningKey;

struct JournalHead {
  long long seq = 0;
  std::string sha256;    // of the line of record `seq`, without its newline
  std::string signature; // over signedText

  // What is signed.
  std::string signedText() const;
  bool isSignedBy(const std::string& publicKey) const;
};

// One line with its newline: {"seq":…,"sha256":"…","signature":"…"}. Errors: Internal (OpenSSL).
Result<std::string> makeHead(long long seq, const std::string& sha256, const SigningKey& key);
// Errors (kind Input): not a head, byte for byte.
Result<JournalHead> headFrom(const std::string& text);

} // namespace ratdeck
