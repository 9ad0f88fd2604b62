#include "ui/model/problem_list_model.h"

#include "ui/model/plain.h"
#include "ui/model/plan_summary.h"
#include "ui/model/tr.h"

#include <QStringList>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr size_t longestMessage = 2000; // bytes

std::vector<Problem> problemsOf(const std::vector<Error>& warnings) {
  std::vector<Problem> problems;
  for (const auto& warning : warnings)
    problems.push_back({Severity::Warning,
                        {},
                        {},
                        warning.message + (warning.next.empty() ? "" : "; " + warning.next),
                        warning.where});
  return problems;
}

} // namespace

QString severityWord(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return tr("error");
  case Severity::Warning:
    return tr("warning");
  case Severity::Info:
    return tr("note");
  }
  return {};
}

void ProblemListModel::setPlan(const PlanFacts* facts) {
  beginResetModel();
  m_rows.clear();
  if (facts) {
    const auto broken = facts->plan.baseline.size();
    add(tr("Problems"), facts->plan.problems, broken ? tr(" · %1 broken already").arg(broken) : QString());
    add(tr("Broken already, before the first change"), facts->plan.baseline);
    add(tr("Said while the files were read"), problemsOf(facts->warnings));
  }
  endResetModel();
}

void ProblemListModel::add(const QString& heading, std::vector<Problem> problems, const QString& more) {
  if (problems.empty())
    return;
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.severity < b.severity; });
  m_rows.push_back({true,
                    problems.front().severity,
                    heading + QStringLiteral(" · ") + problemCount(problems) + more,
                    {},
                    {}});
  for (const auto& problem : problems)
    m_rows.push_back({false, problem.severity, plain(problem.code, 200), plain(problem.where.toString(), 400),
                      plain(problem.message, longestMessage)});
}

int ProblemListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ProblemListModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid))
    return {};
  if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)
    return {};
  const auto& row = rowAt(index.row());
  if (row.isHeading)
    return row.title;
  QStringList parts{severityWord(row.severity), row.title, row.place, row.message};
  parts.removeAll(QString());
  return parts.join(QStringLiteral(" · "));
}

Qt::ItemFlags ProblemListModel::flags(const QModelIndex& index) const {
  if (!index.isValid())
    return Qt::NoItemFlags;
  const auto flags = QAbstractListModel::flags(index) | Qt::ItemNeverHasChildren;
  return rowAt(index.row()).isHeading ? flags & ~Qt::ItemIsSelectable : flags;
}

} // namespace ratdeck
