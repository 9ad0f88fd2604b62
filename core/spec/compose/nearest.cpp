#include "core/spec/compose/nearest.h"

#include <algorithm>

namespace ratdeck::compose {

namespace {

constexpr size_t longestWord = 64;

// Letters to insert, drop or change; two neighbours that changed places count as one.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      size_t change = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

} // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  if (word.size() > longestWord)
    return {};
  std::string best;
  size_t bestDistance = std::min<size_t>(3, std::max<size_t>(1, word.size() / 3)) + 1;
  for (const auto& candidate : known)
    if (auto d = candidate.size() > longestWord ? bestDistance : distance(word, candidate);
        d < bestDistance) {
      bestDistance = d;
      best = candidate;
    }
  return best;
}

std::string didYouMean(const std::string& word, const std::vector<std::string>& known,
                       const std::string& otherwise) {
  auto near = nearest(word, known);
  return near.empty() ? otherwise : "did you mean \"" + near + "\"?";
}

} // namespace ratdeck::compose
