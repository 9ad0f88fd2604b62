// The word that was probably meant.
#pragma once

#include <string>
#include <vector>

namespace ratdeck::compose {

// The known word nearest to `word` (at most a third of its letters and three differ), "" if none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

// "did you mean X?" or `otherwise`.
std::string didYouMean(const std::string& word, const std::vector<std::string>& known,
                       const std::string& otherwise);

} // namespace ratdeck::compose
