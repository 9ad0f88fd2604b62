#include "ui/model/plan_summary.h"

#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <algorithm>

namespace ratdeck {

namespace {

QString counted(size_t count, const char* one, const char* many) {
  return count == 1 ? tr(one) : tr(many).arg(count);
}

// Copies that run today are replaced.
bool replaces(const Plan& plan) {
  return std::any_of(plan.services.begin(), plan.services.end(),
                     [](const auto& entry) { return !entry.second.oldCopies.empty(); });
}

size_t countOf(const std::vector<Problem>& problems, Severity severity) {
  return static_cast<size_t>(std::count_if(problems.begin(), problems.end(), [&](const Problem& problem) {
    return problem.severity == severity;
  }));
}

} // namespace

QString listed(const QStringList& words, int most) {
  if (words.size() > most)
    return words.mid(0, most).join(QStringLiteral(", ")) + tr(" and %1 more").arg(words.size() - most);
  return words.join(QStringLiteral(", "));
}

QString planTitle(const Plan& plan) {
  if (plan.isEmpty())
    return plan.isTry ? tr("Nothing can be tried") : tr("Nothing is to be done");
  const auto all = plan.services.size() + plan.unchanged.size() + plan.excluded.size();
  const auto services = all == 1 ? tr("%1 of 1 service").arg(plan.services.size())
                                 : tr("%1 of %2 services").arg(plan.services.size()).arg(all);
  const bool isOne = plan.services.size() == 1;
  const auto verb =
      plan.isTry ? (isOne ? tr("is tried") : tr("are tried")) : (isOne ? tr("changes") : tr("change"));
  return QStringLiteral("%1 %2 %3")
      .arg(services, verb, counted(plan.waves.size(), "in 1 wave", "in %1 waves"));
}

QStringList closedLines(const Plan& plan) {
  QStringList lines;
  for (const auto& closure : closuresOf(plan))
    lines << plain(closure.message, 600);
  return lines;
}

QStringList awayLines(const Plan& plan) {
  QStringList lines;
  for (const auto& wave : plan.waves)
    for (const auto& name : wave.services)
      if (const auto service = plan.services.find(name);
          service != plan.services.end() && service->second.secondsWithout > 0s)
        lines << tr("%1 up to %2").arg(plain(name, 200), durationText(service->second.secondsWithout));
  return lines;
}

namespace {

// Of a plan that can be carried out.
StatusLine usersOf(const Plan& plan) {
  if (plan.isEmpty())
    return {Mood::Ok, tr("Nothing changes for users"),
            plan.isTry ? tr("the reason stands beside each service that is left out")
                       : tr("what runs is what is wanted")};
  if (plan.isTry)
    return {Mood::Ok, tr("Users notice nothing"),
            tr("nothing is routed to the new copies, and they are removed again")};
  if (const auto away = awayLines(plan); !away.isEmpty())
    return {Mood::Caution, replaces(plan) ? tr("Away while replaced") : tr("Away whenever updated"),
            listed(away)};
  if (replaces(plan))
    return {Mood::Ok,
            plan.alreadyDown.empty() ? tr("Every service keeps answering")
                                     : tr("Every service that answers now keeps answering"),
            tr("none of them is without a copy at any moment")};
  return {Mood::Ok, tr("Nothing that runs is touched"), tr("services are started that do not run yet")};
}

} // namespace

StatusLine usersLine(const Plan& plan) {
  auto line = usersOf(plan);
  if (const int errors = errorCount(plan))
    return {Mood::Failed, tr("Cannot be started"),
            errors == 1 ? tr("1 error below") : tr("%1 errors below").arg(errors)};
  if (!closuresOf(plan).empty())
    return {Mood::Caution, tr("Deploys are closed"), tr("begins only with a reason · %1").arg(line.word)};
  return line;
}

QStringList approvalLines(const Plan& plan) {
  QStringList lines;
  for (const auto& approval : plan.approvals) {
    const auto where =
        approval.service.empty() ? tr("wave %1").arg(approval.wave) : plain(approval.service, 200);
    const auto when = approval.when == ApprovalSpec::When::Before ? tr("before %1") : tr("after %1");
    lines << tr("“%1” %2, expires after %3")
                 .arg(plain(approval.id, 200), when.arg(where), durationText(approval.expires));
  }
  return lines;
}

int errorCount(const Plan& plan) {
  return static_cast<int>(countOf(plan.problems, Severity::Error));
}

QString problemCount(const std::vector<Problem>& problems) {
  QStringList parts;
  if (const auto errors = countOf(problems, Severity::Error))
    parts << counted(errors, "1 error", "%1 errors");
  if (const auto warnings = countOf(problems, Severity::Warning))
    parts << counted(warnings, "1 warning", "%1 warnings");
  if (const auto notes = countOf(problems, Severity::Info))
    parts << counted(notes, "1 note", "%1 notes");
  return parts.isEmpty() ? tr("none") : parts.join(QStringLiteral(", "));
}

} // namespace ratdeck
