#include "ui/model/line_matcher.h"

#include "ui/model/tr.h"

namespace ratdeck {

namespace {

// How often PCRE may try on one line: about a millisecond.
const char* const effort = "(*LIMIT_MATCH=20000)";
constexpr auto options =
    QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption;

QString problemOf(const QRegularExpression& expression) {
  return expression.isValid() ? QString()
                              : ratdeck::tr("%1 at character %2")
                                    .arg(expression.errorString())
                                    .arg(expression.patternErrorOffset());
}

} // namespace

LineMatcher::LineMatcher(const QString& text, bool isExpression)
    : m_text(text), m_isExpression(isExpression), m_matcher(text, Qt::CaseInsensitive) {
  if (!isExpression || text.isEmpty())
    return;
  m_problem = problemOf(QRegularExpression(text, options));
  m_expression = QRegularExpression(QLatin1String(effort) + text, options);
  if (m_problem.isEmpty())
    m_problem = problemOf(m_expression);
}

LineMatcher::Verdict LineMatcher::verdict(const QString& line) const {
  if (passesAll())
    return Verdict::Passes;
  if (!m_isExpression)
    return m_matcher.indexIn(line) >= 0 ? Verdict::Passes : Verdict::Fails;
  const QRegularExpressionMatch match = m_expression.match(line);
  if (match.hasMatch())
    return Verdict::Passes;
  return match.isValid() ? Verdict::Fails : Verdict::TooCostly;
}

} // namespace ratdeck
