// What the record of a second says of a router's counters.
#include "core/engine/sampler.h"

#include <QTest>

#include <deque>

using namespace ratdeck;

namespace {

RouterSample counted(const char* instance, long long requests, long long errors = 0) {
  RouterSample sample;
  sample.service = "ratd";
  sample.instance = InstanceId(instance);
  sample.routing = Routing::Serving;
  sample.requests = requests;
  sample.errors5xx = errors;
  return sample;
}

using Readings = std::deque<std::vector<RouterSample>>;

// Answers one reading after the other; an empty one fails.
Sampler::Samples scripted(Readings readings) {
  return [left = std::make_shared<Readings>(std::move(readings))](Callback<std::vector<RouterSample>> done) {
    if (left->empty())
      return;
    const auto reading = left->front();
    left->pop_front();
    if (reading.empty())
      return done(failure(ErrorKind::Unreachable, "the router does not answer"));
    done(reading);
  };
}

} // namespace

class SamplerTest : public QObject {
  Q_OBJECT

  std::vector<Json> m_records;

  // The records of these readings.
  void record(Readings readings, size_t records) {
    m_records.clear();
    Sampler sampler(scripted(std::move(readings)),
                    [this](const Observation& seen) { m_records.push_back(seen.detail); });
    QTRY_COMPARE_WITH_TIMEOUT(m_records.size(), records, 10000);
  }
  const Json& ofService(size_t index) const {
    return memberAt(memberAt(m_records.at(index), "services"), "ratd");
  }
  const Json& ofCopy(size_t index, const char* copy) const {
    return memberAt(memberAt(ofService(index), "instances"), copy);
  }

private Q_SLOTS:
  void recordsDifferencesAndWhatIsTrueNow() {
    auto now = counted("", 150, 2);
    now.inFlight = 7;
    now.timeMs = 3.5;
    record({{counted("", 100), counted("one", 40)}, {now, counted("one", 60), counted("two", 25, 2)}}, 2);
    QCOMPARE(integerAt(ofService(0), "requests", -1), 0LL); // the base line
    QVERIFY(!ofService(0).contains("time_ms"));
    QCOMPARE(integerAt(ofService(1), "requests", -1), 50LL);
    QCOMPARE(integerAt(ofService(1), "errors_5xx", -1), 2LL);
    QCOMPARE(integerAt(ofService(1), "in_flight", -1), 7LL);
    QCOMPARE(numberAt(ofService(1), "time_ms", -1), 3.5);
    QCOMPARE(integerAt(ofCopy(1, "one"), "requests", -1), 20LL);
    QCOMPARE(textAt(ofCopy(1, "one"), "routing"), std::string("serving"));
    QCOMPARE(integerAt(ofCopy(1, "two"), "requests", -1), 25LL); // it joined in between, and counts from 0
  }

  void aReadingThatFailsLeavesNoRecordAndTheNextCountsForBoth() {
    record({{counted("", 100)}, {}, {counted("", 300)}}, 2);
    QCOMPARE(integerAt(ofService(1), "requests", -1), 200LL);
  }

  void countersThatWentBackBeganAnew() {
    record(
        {{counted("", 100), counted("one", 100)}, {counted("", 30)}, {counted("", 40), counted("one", 120)}},
        3);
    QCOMPARE(integerAt(ofService(1), "requests", -1), 30LL);
    QCOMPARE(integerAt(ofCopy(2, "one"), "requests", -1), 120LL); // it was gone, and has joined again
  }
};

QTEST_GUILESS_MAIN(SamplerTest)
#include "tst_sampler.moc"
