#include "ui/model/plan_rows.h"

#include "core/plan/analysis_text.h"
#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QLocale>
#include <QStringList>

#include <algorithm>

namespace ratdeck {

namespace {

QString atMost(Duration duration) {
  return tr("≤ %1").arg(durationText(duration));
}

QString shown(const std::string& version) {
  return version == "build" ? tr("built here") : plain(version, 200);
}

QString versionText(const ServicePlan& service) {
  if (service.action == PlanAction::Create || service.fromVersion.empty())
    return (service.isOneShot ? tr("run %1") : tr("new %1")).arg(shown(service.toVersion));
  if (service.fromVersion == service.toVersion)
    return shown(service.toVersion);
  return shown(service.fromVersion) + QStringLiteral(" → ") + shown(service.toVersion);
}

QString orderText(const Plan& plan, const ServicePlan& service) {
  if (service.isOneShot)
    return tr("job");
  if (plan.isTry)
    return tr("beside it");
  if (service.oldCopies.empty() && !plan.runtime.empty() && service.secondsWithout <= 0s)
    return tr("start");
  return service.order == UpdateOrder::StartFirst ? tr("start-first") : tr("stop-first");
}

QString copiesText(const ServicePlan& service) {
  if (service.oldCopies.empty())
    return QString::number(service.newCopies.size());
  return QStringLiteral("%1 → %2").arg(service.oldCopies.size()).arg(service.newCopies.size());
}

QString awayText(const ServicePlan& service) {
  if (service.secondsWithout > 0s)
    return atMost(service.secondsWithout);
  return service.action == PlanAction::Create || service.isOneShot ? QString() : tr("at no time");
}

QString drainText(const ServicePlan& service) {
  if (service.oldCopies.empty())
    return {};
  if (service.drain && service.drain->waitForRuns)
    return tr("runs %1").arg(atMost(service.drain->deadline));
  return service.isRouted ? tr("requests %1").arg(atMost(service.inFlightDeadline)) : QString();
}

PlanRow detail(const QString& text) {
  PlanRow row;
  row.text = text;
  return row;
}

// What the gate's step does not say: what follows it, and what a failure does.
QString afterText(const Plan& plan, const ServicePlan& service) {
  QStringList parts;
  if (service.monitor > 0s && !service.newCopies.empty())
    parts << tr("watched for %1 after the switch").arg(durationText(service.monitor));
  for (const auto& analysis : service.analyses)
    parts << plain(textOf(analysis));
  switch (service.failureAction) {
  case FailureAction::Pause:
    parts << tr("on failure: stop and ask");
    break;
  case FailureAction::Continue:
    parts << tr("on failure: go on with the others");
    break;
  case FailureAction::Rollback:
    if (!plan.isTry)
      parts << (plan.onFailureScope == FailureScope::Service ? tr("on failure: this service alone is undone")
                                                             : tr("on failure: the rollout is undone"));
    break;
  }
  return parts.join(QStringLiteral("; "));
}

QString changedText(const Plan& plan, const ServicePlan& service) {
  const auto change = std::find_if(plan.changes.begin(), plan.changes.end(),
                                   [&](const PlanChange& one) { return one.service == service.service; });
  if (change == plan.changes.end() || service.oldCopies.empty())
    return {};
  QStringList fields;
  for (const auto& field : change->fields) {
    const bool isImage = field == "image" && service.fromImage != service.toImage;
    fields << (isImage
                   ? QStringLiteral("image (%1 → %2)").arg(plain(service.fromImage), plain(service.toImage))
                   : plain(field, 400));
  }
  return fields.isEmpty() ? QString() : tr("changed: %1").arg(fields.join(QStringLiteral(", ")));
}

PlanRow stepRow(const PlanStep& step, int number) {
  PlanRow row;
  row.kind = step.kind == StepKind::Approve ? PlanRow::Kind::Approval : PlanRow::Kind::Step;
  row.text =
      number ? QStringLiteral("%1. %2").arg(QString::number(number), plain(step.title)) : plain(step.title);
  row.atMost = step.worstCase > 0s ? atMost(step.worstCase) : QString();
  return row;
}

PlanRow serviceRow(const Plan& plan, const ServicePlan& service) {
  PlanRow row;
  row.kind = PlanRow::Kind::Service;
  row.text = plain(service.service, 400);
  row.version = versionText(service);
  row.order = orderText(plan, service);
  row.copies = copiesText(service);
  row.away = awayText(service);
  row.isAway = service.secondsWithout > 0s;
  row.drain = drainText(service);
  row.atMost = atMost(service.gate.worstCase);
  if (!service.orderReason.empty() && !service.oldCopies.empty())
    row.children.push_back(detail(tr("%1 because: %2").arg(row.order, plain(service.orderReason))));
  if (const auto changed = changedText(plan, service); !changed.isEmpty())
    row.children.push_back(detail(changed));
  int number = 0;
  for (const auto& step : plan.steps)
    if (step.wave == service.wave && step.service == service.service)
      row.children.push_back(stepRow(step, ++number));
  if (const auto after = afterText(plan, service); !after.isEmpty() && !service.isOneShot)
    row.children.push_back(detail(after));
  return row;
}

// The approvals of the wave itself: those that stand before its services' steps, or those after them.
void addApprovals(const Plan& plan, int wave, bool isAfter, std::vector<PlanRow>& rows) {
  bool hasBegun = false;
  for (const auto& step : plan.steps) {
    if (step.wave != wave)
      continue;
    if (!step.service.empty())
      hasBegun = true;
    else if (hasBegun == isAfter)
      rows.push_back(stepRow(step, 0));
  }
}

PlanRow waveRow(const Plan& plan, const WavePlan& wave) {
  PlanRow row;
  row.kind = PlanRow::Kind::Wave;
  const bool isNamed = wave.title != "wave " + std::to_string(wave.index);
  row.text = isNamed ? tr("Wave %1 · %2").arg(QString::number(wave.index), plain(wave.title, 200))
                     : tr("Wave %1").arg(wave.index);
  addApprovals(plan, wave.index, false, row.children);
  for (const auto& name : wave.services)
    if (const auto service = plan.services.find(name); service != plan.services.end())
      row.children.push_back(serviceRow(plan, service->second));
  addApprovals(plan, wave.index, true, row.children);
  return row;
}

PlanRow groupRow(const QString& title, size_t count) {
  PlanRow row;
  row.kind = PlanRow::Kind::Group;
  row.text = QStringLiteral("%1 · %2").arg(title, QString::number(count));
  return row;
}

PlanRow unchangedRows(const Plan& plan) {
  auto group = groupRow(tr("Unchanged"), plan.unchanged.size());
  for (const auto& name : plan.unchanged) {
    PlanRow row;
    row.kind = PlanRow::Kind::Other;
    row.text = plain(name, 400);
    if (const auto version = plan.unchangedVersions.find(name); version != plan.unchangedVersions.end())
      row.version = shown(version->second);
    group.children.push_back(row);
  }
  return group;
}

PlanRow checkedRows(const Plan& plan) {
  auto group = groupRow(tr("Looked at before"), plan.checked.size());
  for (const auto& check : plan.checked)
    group.children.push_back(detail(QStringLiteral("%1: %2").arg(plain(check.what, 200), plain(check.seen))));
  return group;
}

PlanRow excludedRows(const Plan& plan) {
  auto group = groupRow(tr("Left out"), plan.excluded.size());
  for (const auto& item : plan.excluded)
    group.children.push_back(
        detail(QStringLiteral("%1: %2").arg(plain(item.service, 400), plain(item.reason))));
  return group;
}

} // namespace

std::vector<PlanRow> planRows(const Plan& plan) {
  std::vector<PlanRow> rows;
  for (const auto& wave : plan.waves)
    rows.push_back(waveRow(plan, wave));
  if (!plan.checked.empty())
    rows.push_back(checkedRows(plan));
  if (!plan.excluded.empty())
    rows.push_back(excludedRows(plan));
  if (!plan.unchanged.empty())
    rows.push_back(unchangedRows(plan));
  return rows;
}

} // namespace ratdeck
