#include "ui/model/start_offer.h"

#include "ui/model/plain.h"
#include "ui/model/plan_summary.h"
#include "ui/model/tr.h"

namespace ratdeck {

namespace {

constexpr size_t longestName = 60; // on a button

QString goalOf(const PlanFacts& facts) {
  if (facts.wish.revision)
    return tr("revision %1").arg(*facts.wish.revision);
  const auto& undone = facts.undoes.empty() ? facts.wish.rollout : facts.undoes;
  return undone.empty() ? tr("before the last change") : tr("before %1").arg(plain(undone, longestName));
}

} // namespace

QString bandOf(const TargetFacts& target) {
  return plain(target.runtime, longestName).toUpper();
}

QString targetText(const TargetFacts& target, const std::string& project) {
  return QStringLiteral("%1 %2 (%3)")
      .arg(bandOf(target), plain(project, longestName), plain(target.title, longestName));
}

QString startLabel(const TargetFacts& target, const PlanFacts& facts) {
  const auto where = targetText(target, facts.plan.project);
  switch (facts.wish.kind) {
  case PlanKind::Deploy:
    return tr("Deploy to %1").arg(where);
  case PlanKind::Try:
    return tr("Try on %1").arg(where);
  case PlanKind::Rollback:
    return tr("Roll back %1 to %2").arg(where, goalOf(facts));
  }
  return {};
}

QString pastSchemaText(const Plan& plan) {
  QStringList versions;
  for (const auto& version : plan.pastSchema)
    versions << plain(version);
  return versions.join(QStringLiteral(", "));
}

QString startRefusal(const PlanFacts* facts, const StartCircumstances& circumstances) {
  if (!circumstances.busy.isEmpty())
    return circumstances.busy;
  if (!facts)
    return tr("make a plan first");
  if (circumstances.isOutOfDate)
    return tr("the form changed: plan again");
  if (const int errors = errorCount(facts->plan))
    return errors == 1 ? tr("1 error in the plan: mend it and plan again")
                       : tr("%1 errors in the plan: mend them and plan again").arg(errors);
  if (facts->plan.isEmpty())
    return facts->plan.isTry ? tr("nothing can be tried") : tr("nothing is to be done");
  if (circumstances.isReadOnly)
    return tr("this window is read-only");
  if (!awayLines(facts->plan).isEmpty() && !circumstances.isAwayAccepted)
    return tr("check the box first: a service will be away");
  for (const auto& version : facts->plan.pastSchema)
    if (!circumstances.pastSchema.contains(version))
      return tr("type the schema versions first that stay: %1").arg(pastSchemaText(facts->plan));
  if (!closuresOf(facts->plan).empty() && !circumstances.isOverrideGiven)
    return tr("say first why it is to begin now: deploys are closed at this time");
  return {};
}

std::string startCommand(const PlanWish& wish, const StartWish& start) {
  std::string words = wish.kind == PlanKind::Rollback ? "rollback" : "deploy";
  const auto add = [&](const std::string& word) {
    words += " " + shellQuoted(word);
  };
  const auto addOption = [&](const char* option, const std::string& value) {
    add(option);
    add(value);
  };
  if (wish.kind == PlanKind::Try)
    add("--try");
  if (wish.kind != PlanKind::Rollback)
    for (const auto& [service, image] : wish.choice.setImages)
      addOption("--set", service + "=" + image);
  else if (wish.revision)
    addOption("--to", std::to_string(*wish.revision));
  else if (!wish.rollout.empty())
    add(wish.rollout);
  for (const auto& service : wish.choice.services)
    addOption("--service", service);
  if (start.approve != StartWish().approve)
    addOption("--approve", start.approve);
  if (!start.windowOverride.empty())
    addOption("--override-window", start.windowOverride);
  if (start.takesOver)
    add("--take-over");
  for (const auto& version : start.pastSchema)
    addOption("--past-schema", version);
  return commandLine(wish.choice, words);
}

} // namespace ratdeck
