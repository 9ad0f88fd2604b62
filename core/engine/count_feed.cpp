#include "core/engine/count_feed.h"

#include <optional>

namespace ratdeck {

// Answers when all copies have.
struct CountFeed::Sum {
  std::size_t open = 0;
  long long count = 0;
  std::optional<Error> trouble;
  Callback<ActiveWork> done;

  void add(const std::string& copy, const Result<long long>& counted) {
    if (counted)
      count += *counted;
    else if (!trouble) {
      trouble = counted.error();
      if (!copy.empty())
        trouble->message.insert(0, copy + ": ");
    }
    if (--open > 0)
      return;
    ActiveWork work;
    work.count = count;
    trouble ? done(failure(*trouble)) : done(std::move(work));
  }
};

CountFeed::CountFeed(WorkCounter* counter, Result<WorkCount> spec)
    : m_counter(counter), m_spec(std::move(spec)) {}

void CountFeed::activeRuns(Callback<ActiveWork> done) {
  if (!m_spec || !m_counter) {
    const auto error =
        m_spec ? Error{ErrorKind::NotFound, "this target counts no active work", {}, {}} : m_spec.error();
    return m_outbox.post([done = std::move(done), error] { done(failure(error)); });
  }
  auto sum = std::make_shared<Sum>();
  sum->done = std::move(done);
  if (m_spec->kind == CountKind::Prometheus) {
    sum->open = 1;
    return m_counter->count(*m_spec, {}, {},
                            [sum](const Result<long long>& counted) { sum->add({}, counted); });
  }
  if (m_copies.empty())
    return m_outbox.post([sum] { sum->done(ActiveWork{}); });
  sum->open = m_copies.size();
  for (const auto& copy : m_copies)
    m_counter->count(
        *m_spec, copy.id, copy.address,
        [sum, name = copy.id.value](const Result<long long>& counted) { sum->add(name, counted); });
}

} // namespace ratdeck
