#include "core/journal/reader.h"

namespace ratdeck {

const char* toString(JournalVerdict verdict) {
  switch (verdict) {
  case JournalVerdict::Intact:
    return "intact";
  case JournalVerdict::HeadUnsigned:
    return "unsigned";
  case JournalVerdict::TornTail:
    return "torn tail";
  case JournalVerdict::HeadMismatch:
    return "head mismatch";
  case JournalVerdict::BadSignature:
    return "bad signature";
  case JournalVerdict::Damaged:
    return "damaged";
  }
  return "";
}

std::vector<std::string> JournalReport::unknownSigners(const std::set<std::string>& known) const {
  std::vector<std::string> unknown;
  for (const auto& signer : signers)
    if (!known.contains(signer))
      unknown.push_back(signer);
  return unknown;
}

std::string JournalReport::toString() const {
  std::string text = ratdeck::toString(verdict);
  if (seq > 0)
    text += ": record " + std::to_string(seq) + " at byte " + std::to_string(offset);
  if (!what.empty())
    text += ": " + what;
  if (tornBytes > 0)
    text += " (" + std::to_string(tornBytes) + " bytes)";
  text += "; " + std::to_string(records) + (records == 1 ? " record is good" : " records are good");
  return text + (isClosed ? ", closed: " + result : ", not closed");
}

} // namespace ratdeck
