#include "core/spec/compose/nearest.h"

#include <algorithm>
#include <numeric>

namespace ratdeck::compose {

namespace {

constexpr size_t longestWord = 64;

size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

} // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  if (word.size() > longestWord)
    return {};
  std::string best;
  size_t bestDistance = std::min<size_t>(3, std::max<size_t>(1, word.size() / 3)) + 1;
  for (const auto& candidate : known)
    if (auto d = distance(word, candidate); d < bestDistance) {
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
