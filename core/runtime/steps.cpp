#include "core/runtime/steps.h"

#include <memory>

namespace ratdeck {

namespace {

void runFrom(const std::shared_ptr<const std::vector<Step>>& steps, std::size_t at, Callback<Done> done) {
  if (at == steps->size())
    return done(Done{});
  (*steps)[at]([steps, at, done = std::move(done)](Result<Done> result) {
    result ? runFrom(steps, at + 1, done) : done(std::move(result));
  });
}

} // namespace

void runSteps(std::vector<Step> steps, Callback<Done> done) {
  runFrom(std::make_shared<const std::vector<Step>>(std::move(steps)), 0, std::move(done));
}

} // namespace ratdeck
