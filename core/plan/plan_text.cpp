#include "core/plan/plan_text.h"

#include "core/base/wording.h"
#include "core/plan/analysis_text.h"
#include "core/plan/plan.h"
#include "core/plan/plan_names.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace ratdeck {

namespace {

constexpr size_t pageWidth = 100;

// Code points, which is near enough to columns for names and versions.
size_t widthOf(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t width) {
  auto have = widthOf(text);
  return have >= width ? text : text + std::string(width - have, ' ');
}

// What stands in a file must not steer a terminal: no control characters, one byte long or two (U+0080 to
// U+009F).
std::string printable(std::string text, bool keepsLines = false) {
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    bool isTwoByteControl =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (isTwoByteControl)
      text[i] = text[i + 1] = ' ';
    else if ((byte < 0x20 && !(keepsLines && byte == '\n')) || byte == 0x7f)
      text[i] = ' ';
  }
  return text;
}

// Where the word at `at` ends; a unit stays with its number.
size_t wordEnd(const std::string& text, size_t at) {
  auto end = std::min(text.find(' ', at), text.size());
  while (end < text.size() && end > at && text[end - 1] >= '0' && text[end - 1] <= '9') {
    auto next = std::min(text.find(' ', end + 1), text.size());
    auto word = text.substr(end + 1, next - end - 1);
    while (!word.empty() && std::string_view(";:,.)").find(word.back()) != std::string_view::npos)
      word.pop_back();
    if (word != "s" && word != "ms" && word != "min" && word != "h")
      break;
    end = next;
  }
  return end;
}

// The text behind `first`, broken at spaces; the lines after the first are indented by `indent`.
std::string wrapped(const std::string& first, const std::string& text, size_t indent) {
  std::string out = first;
  size_t column = widthOf(first);
  size_t at = 0;
  bool isLineStart = true;
  while (at < text.size()) {
    auto end = wordEnd(text, at);
    auto word = text.substr(at, end - at);
    if (!isLineStart && column + 1 + widthOf(word) > pageWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
      isLineStart = true;
    }
    out += (isLineStart ? "" : " ") + word;
    column += widthOf(word) + (isLineStart ? 0 : 1);
    isLineStart = false;
    at = end + 1;
  }
  return out + "\n";
}

std::string joined(const std::vector<std::string>& words, const char* between = ", ") {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : between) + word;
  return text;
}

} // namespace

std::string whatFollows(const Plan& plan, const ServicePlan& service) {
  if (service.isOneShot)
    return {};
  std::vector<std::string> parts;
  if (service.monitor > 0s && !service.newCopies.empty())
    parts.push_back("watched for " + toHumanString(service.monitor) + " after the switch");
  for (const auto& analysis : service.analyses)
    parts.push_back(textOf(analysis));
  switch (service.failureAction) {
  case FailureAction::Pause:
    parts.push_back("on failure: stop and ask");
    break;
  case FailureAction::Continue:
    parts.push_back("on failure: go on with the others");
    break;
  case FailureAction::Rollback:
    if (plan.onFailureScope == FailureScope::Service && !plan.isTry)
      parts.push_back("on failure: this service alone is undone");
    break;
  }
  return joined(parts, "; ");
}

namespace {

// Of a step that is of no service.
bool isAfterWave(const PlanStep& step) {
  return step.title.find(" after wave ") != std::string::npos ||
         step.title.starts_with("after the release") || step.title.starts_with("on failure");
}

class PlanText {
public:
  explicit PlanText(const Plan& plan) : m_plan(plan) {}

  std::string write() {
    header();
    checked();
    for (const auto& wave : m_plan.waves)
      writeWave(wave);
    approvals();
    writeProblems("Problems", m_plan.problems);
    writeProblems("Broken already, before the first change", m_plan.baseline);
    unchanged();
    excluded();
    return std::move(m_text);
  }

private:
  size_t serviceCount() const {
    return m_plan.services.size() + m_plan.unchanged.size() + m_plan.excluded.size();
  }

  void header() {
    auto runtime = m_plan.runtime.empty() ? "no runtime" : m_plan.runtime;
    auto verb = m_plan.isTry ? std::pair("service is tried", "services are tried")
                             : std::pair("service changes", "services change");
    auto what = m_plan.isEmpty() ? std::string(m_plan.isTry ? "nothing to try" : "nothing to do")
                                 : std::to_string(m_plan.services.size()) + " of " +
                                       counted(serviceCount(), verb.first, verb.second) + " in " +
                                       counted(m_plan.waves.size(), "wave", "waves");
    m_text += m_plan.project + " → " + runtime + ": " + what + "   plan " + m_plan.hash.substr(0, 12) + "\n";
    if (m_plan.isEmpty())
      return;
    if (m_plan.isTry)
      m_text += "Nothing is routed to the new copies, and they are removed again: what runs goes on.\n";
    std::vector<std::string> away;
    for (const auto& wave : m_plan.waves)
      for (const auto& name : wave.services)
        if (const auto& service = m_plan.services.at(name); service.secondsWithout > 0s)
          away.push_back(name + " up to " + toHumanString(service.secondsWithout));
    bool replaces = std::any_of(m_plan.services.begin(), m_plan.services.end(),
                                [](const auto& entry) { return !entry.second.oldCopies.empty(); });
    if (!away.empty())
      m_text += wrapped(replaces ? "Away while replaced: " : "Away whenever updated: ", joined(away), 2);
    else if (replaces)
      m_text += m_plan.alreadyDown.empty() ? "Every service keeps answering.\n"
                                           : "Every service that answers now keeps answering.\n";
    if (m_plan.unattended)
      m_text += "Unattended: after a gap in which nobody watched, deadlines fire by themselves.\n";
    auto count = [&](Severity severity) {
      return std::count_if(m_plan.problems.begin(), m_plan.problems.end(),
                           [&](const Problem& problem) { return problem.severity == severity; });
    };
    if (auto errors = count(Severity::Error))
      m_text +=
          "Not to be deployed: " + counted(static_cast<size_t>(errors), "error", "errors") + " below.\n";
  }

  void checked() {
    if (m_plan.checked.empty())
      return;
    m_text += "\nLooked at\n";
    size_t width = 0;
    for (const auto& check : m_plan.checked)
      width = std::max(width, widthOf(check.what));
    for (const auto& check : m_plan.checked)
      m_text += wrapped("  " + padded(check.what, width) + "  ", printable(check.seen), width + 4);
  }

  static std::string versions(const ServicePlan& service) {
    if (service.action == PlanAction::Create)
      return (service.isOneShot ? "run " : "new ") +
             (service.toVersion == "build" ? "(built here)" : service.toVersion);
    return service.fromVersion == service.toVersion ? service.toVersion
                                                    : service.fromVersion + " → " + service.toVersion;
  }

  void measureColumns(const WavePlan& wave, size_t& name, size_t& version) const {
    for (const auto& service : wave.services) {
      name = std::max(name, widthOf(service));
      version = std::max(version, widthOf(versions(m_plan.services.at(service))));
    }
  }

  void writeWave(const WavePlan& wave) {
    auto number = "wave " + std::to_string(wave.index);
    m_text +=
        "\nWave " + std::to_string(wave.index) + (wave.title == number ? "" : " · " + wave.title) + "\n";
    stepsOf(wave.index, "", ApprovalSpec::When::Before);
    size_t nameWidth = 8, versionWidth = 8;
    measureColumns(wave, nameWidth, versionWidth);
    for (const auto& name : wave.services)
      writeService(m_plan.services.at(name), nameWidth, versionWidth);
    stepsOf(wave.index, "", ApprovalSpec::When::After);
  }

  void writeService(const ServicePlan& service, size_t nameWidth, size_t versionWidth) {
    bool replaces = !service.oldCopies.empty() || m_plan.runtime.empty();
    auto line =
        "  " + padded(service.service, nameWidth) + "  " + padded(versions(service), versionWidth) + "  ";
    if (service.isOneShot)
      line += padded("job", 13);
    else
      line +=
          padded(replaces || service.secondsWithout > 0s ? plan_names::nameOf(service.order) : "start", 13);
    line += padded(
        service.secondsWithout > 0s ? "away ≤ " + toHumanString(service.secondsWithout) : "never away", 19);
    if (service.action == PlanAction::Create && service.secondsWithout == 0s)
      line = line.substr(0, line.rfind("never away")) + padded("", 19);
    m_text += line + "gate ≤ " + toHumanString(service.gate.worstCase) + "\n";
    if (replaces && !service.isOneShot)
      m_text += wrapped("    because ", service.orderReason, 12);
    auto change = std::find_if(m_plan.changes.begin(), m_plan.changes.end(),
                               [&](const PlanChange& item) { return item.service == service.service; });
    if (change != m_plan.changes.end() && !change->fields.empty() &&
        change->fields != std::vector<std::string>{"image"})
      m_text += wrapped("    changed ", joined(change->fields), 12);
    stepsOf(service.wave, service.service, {});
    writeAfter(service);
  }

  void writeAfter(const ServicePlan& service) {
    if (auto text = whatFollows(m_plan, service); !text.empty())
      m_text += wrapped("    ", text, 4);
  }

  // The steps of a service, or the approvals of a wave.
  void stepsOf(int wave, const std::string& service, std::optional<ApprovalSpec::When> when) {
    int number = 0;
    for (const auto& step : m_plan.steps) {
      if (step.wave != wave || step.service != service)
        continue;
      bool isAfter = isAfterWave(step);
      if (when && isAfter != (*when == ApprovalSpec::When::After))
        continue;
      auto mark = when ? std::string("  ") : "    " + std::to_string(++number) + ". ";
      m_text += wrapped(mark, printable(step.title), mark.size());
    }
  }

  void approvals() {
    if (m_plan.approvals.empty())
      return;
    m_text += "\nApprovals\n";
    for (const auto& approval : m_plan.approvals) {
      auto target = approval.service.empty() ? "wave " + std::to_string(approval.wave) : approval.service;
      m_text += "  " + approval.id + ": " + plan_names::nameOf(approval.when) + " " + target +
                ", expires after " + toHumanString(approval.expires) + "\n";
    }
  }

  void writeProblems(const std::string& title, const std::vector<Problem>& problems) {
    if (problems.empty())
      return;
    m_text += "\n" + title + "\n";
    for (const auto& problem : problems) {
      auto place = problem.where.toString();
      auto head = "  " + padded(problem.severity == Severity::Info ? "note" : toString(problem.severity), 9);
      m_text += head + (place.empty() ? "" : place + ": ") + problem.code + "\n";
      m_text += wrapped(std::string(11, ' '), printable(problem.message), 11);
    }
  }

  void unchanged() {
    if (m_plan.unchanged.empty())
      return;
    std::vector<std::string> names;
    for (const auto& name : m_plan.unchanged) {
      auto version = m_plan.unchangedVersions.find(name);
      names.push_back(version == m_plan.unchangedVersions.end() || version->second.empty()
                          ? name
                          : name + " " + version->second);
    }
    m_text += "\nUnchanged\n" + wrapped("  ", joined(names), 2);
  }

  void excluded() {
    if (m_plan.excluded.empty())
      return;
    m_text += "\nLeft out\n";
    size_t width = 0;
    for (const auto& item : m_plan.excluded)
      width = std::max(width, widthOf(item.service));
    for (const auto& item : m_plan.excluded)
      m_text += wrapped("  " + padded(item.service, width) + "  ", printable(item.reason), width + 4);
  }

  const Plan& m_plan;
  std::string m_text;
};

} // namespace

std::string toText(const Plan& plan) {
  return printable(PlanText(plan).write(), true);
}

} // namespace ratdeck
