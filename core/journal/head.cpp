#include "core/journal/head.h"

#include "core/base/json.h"
#include "core/journal/keys.h"

namespace ratdeck {

namespace {

std::string textOf(const JournalHead& head) {
  return dumpJson(Json{{"seq", head.seq}, {"sha256", head.sha256}, {"signature", head.signature}}) + "\n";
}

} // namespace

std::string JournalHead::signedText() const {
  return "ratdeck.journal-head/1\n" + std::to_string(seq) + "\n" + sha256 + "\n";
}

bool JournalHead::isSignedBy(const std::string& publicKey) const {
  return isSignatureOf(signedText(), publicKey, signature);
}

Result<std::string> makeHead(long long seq, const std::string& sha256, const SigningKey& key) {
  JournalHead head{seq, sha256, {}};
  auto signature = key.sign(head.signedText());
  if (!signature)
    return failure(signature.error());
  head.signature = *signature;
  return textOf(head);
}

Result<JournalHead> headFrom(const std::string& text) {
  auto value = parseJson(text);
  JournalHead head;
  if (value) {
    head.seq = integerAt(*value, "seq");
    head.sha256 = textAt(*value, "sha256");
    head.signature = textAt(*value, "signature");
  }
  if (!value || head.seq < 1 || textOf(head) != text)
    return failure(ErrorKind::Input, "is not the head of a journal");
  return head;
}

} // namespace ratdeck
