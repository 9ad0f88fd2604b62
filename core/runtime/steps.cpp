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

namespace {

struct Together {
  std::vector<Step> steps;
  std::vector<Result<Done>> answers;
  std::size_t waiting = 0;
  Callback<Done> done;

  void answerOne(std::size_t at, Result<Done> result) {
    answers[at] = std::move(result);
    if (--waiting > 0)
      return;
    for (const auto& answer : answers)
      if (!answer)
        return done(answer);
    done(Done{});
  }
};

} // namespace

void runTogether(std::vector<Step> steps, Callback<Done> done) {
  const auto together = std::make_shared<Together>();
  together->waiting = steps.size();
  together->answers.assign(steps.size(), Done{});
  together->steps = std::move(steps);
  together->done = std::move(done);
  if (together->steps.empty())
    return together->done(Done{});
  for (std::size_t at = 0; at < together->steps.size(); ++at)
    together->steps[at]([together, at](Result<Done> result) { together->answerOne(at, std::move(result)); });
}

} // namespace ratdeck
