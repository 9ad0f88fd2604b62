#include "app/sandbox/fault.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ratdeck::sandbox {

namespace {

enum class ValueForm { None, Ratio, Time, OptionalTime, CountTimesTime, Number };

struct KindRow {
  FaultKind kind;
  const char* name;
  ValueForm form;
  bool running; // the default scope reaches copies that run
};

constexpr std::array kinds{
    KindRow{FaultKind::NeverHealthy, "never-healthy", ValueForm::None, false},
    KindRow{FaultKind::Crash, "crash", ValueForm::None, false},
    KindRow{FaultKind::Flap, "flap", ValueForm::OptionalTime, false},
    KindRow{FaultKind::Errors, "errors", ValueForm::Ratio, true},
    KindRow{FaultKind::Slow, "slow", ValueForm::Time, true},
    KindRow{FaultKind::CrashAfter, "crash-after", ValueForm::Time, false},
    KindRow{FaultKind::IgnoreSigterm, "ignore-sigterm", ValueForm::None, true},
    KindRow{FaultKind::AbruptExit, "abrupt-exit", ValueForm::None, true},
    KindRow{FaultKind::Runs, "runs", ValueForm::CountTimesTime, true},
    KindRow{FaultKind::MigrateFail, "migrate-fail", ValueForm::None, false},
    KindRow{FaultKind::StartSlow, "start-slow", ValueForm::Time, false},
    KindRow{FaultKind::NotReady, "not-ready", ValueForm::None, false},
    KindRow{FaultKind::ExitCode, "exit-code", ValueForm::Number, false},
};

const KindRow& rowOf(FaultKind kind) {
  return *std::find_if(kinds.begin(), kinds.end(), [kind](const KindRow& row) { return row.kind == kind; });
}

constexpr Duration defaultFlap = 400ms;
constexpr int maxRuns = 1000;

template <class Number>
bool readNumber(std::string_view text, Number& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool readTime(std::string_view text, Duration& value) {
  auto parsed = parseDuration(text);
  if (!parsed || *parsed <= Duration::zero())
    return false;
  value = *parsed;
  return true;
}

// What the value should have been; "" when it was right.
std::string readValue(ValueForm form, const std::string& text, Fault& fault) {
  switch (form) {
  case ValueForm::None:
    return text.empty() ? "" : "no value";
  case ValueForm::Ratio:
    return readNumber(text, fault.ratio) && fault.ratio >= 0 && fault.ratio <= 1
               ? ""
               : "a ratio from 0 to 1, like 0.2";
  case ValueForm::OptionalTime:
    fault.duration = defaultFlap;
    return text.empty() || readTime(text, fault.duration) ? "" : "a duration, like 400ms";
  case ValueForm::Time:
    return readTime(text, fault.duration) ? "" : "a duration, like 800ms";
  case ValueForm::CountTimesTime: {
    auto times = text.find('x');
    bool right = times != text.npos && readNumber(std::string_view(text).substr(0, times), fault.count) &&
                 fault.count > 0 && fault.count <= maxRuns &&
                 readTime(std::string_view(text).substr(times + 1), fault.duration);
    return right ? "" : "COUNTxDURATION, like 3x90s";
  }
  case ValueForm::Number:
    return readNumber(text, fault.count) && fault.count >= 0 && fault.count <= 255 ? ""
                                                                                   : "a number from 0 to 255";
  }
  return "another value";
}

} // namespace

Result<Fault> parseFault(const std::string& kind, const std::string& value, const std::string& scope) {
  auto row = std::find_if(kinds.begin(), kinds.end(), [&](const KindRow& r) { return kind == r.name; });
  if (row == kinds.end()) {
    std::string known;
    for (const auto& r : kinds)
      known += (known.empty() ? "" : ", ") + std::string(r.name);
    return failure(ErrorKind::Input, "there is no fault \"" + kind + "\"", "use one of " + known);
  }
  Fault fault{row->kind, value, FaultScope::Default, 0, {}, 0};
  if (auto wanted = readValue(row->form, value, fault); !wanted.empty())
    return failure(ErrorKind::Input, "the fault " + kind + " takes " + wanted + ", not \"" + value + "\"");
  if (scope == "now")
    fault.scope = FaultScope::Now;
  else if (scope == "next")
    fault.scope = FaultScope::Next;
  else if (!scope.empty() && scope != "default")
    return failure(ErrorKind::Input, "a fault's scope is default, now or next, not \"" + scope + "\"");
  return fault;
}

std::string toText(const Fault& fault) {
  std::string name = nameOf(fault.kind);
  return fault.value.empty() ? name : name + "=" + fault.value;
}

Result<Fault> parseFaultText(const std::string& text) {
  auto equals = text.find('=');
  return parseFault(text.substr(0, equals), equals == text.npos ? std::string() : text.substr(equals + 1));
}

const char* nameOf(FaultKind kind) {
  return rowOf(kind).name;
}

const char* nameOf(FaultScope scope) {
  switch (scope) {
  case FaultScope::Default:
    return "default";
  case FaultScope::Now:
    return "now";
  case FaultScope::Next:
    return "next";
  }
  return "default";
}

bool appliesToRunning(const Fault& fault) {
  return fault.scope == FaultScope::Now || (fault.scope == FaultScope::Default && rowOf(fault.kind).running);
}

bool appliesToLater(const Fault& fault) {
  return fault.scope != FaultScope::Now;
}

void FaultSet::set(Fault fault) {
  std::erase_if(m_faults, [&](const Fault& other) { return other.kind == fault.kind; });
  m_faults.push_back(std::move(fault));
}

const Fault* FaultSet::find(FaultKind kind) const {
  auto it = std::find_if(m_faults.begin(), m_faults.end(),
                         [kind](const Fault& fault) { return fault.kind == kind; });
  return it == m_faults.end() ? nullptr : &*it;
}

bool FaultSet::failsNow() {
  const auto* fault = find(FaultKind::Errors);
  if (!fault)
    return false;
  m_owed += fault->ratio;
  if (m_owed < 1 - 1e-9)
    return false;
  m_owed -= 1;
  return true;
}

} // namespace ratdeck::sandbox
