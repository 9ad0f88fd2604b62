// What a filter lets pass: a piece of text or a regular expression, upper and lower case alike.
#pragma once

#include <QRegularExpression>
#include <QString>
#include <QStringMatcher>

namespace ratdeck {

class LineMatcher {
public:
  enum class Verdict { Passes, Fails, TooCostly };

  LineMatcher() = default; // lets everything pass
  LineMatcher(const QString& text, bool isExpression);

  // Why the text is no regular expression, for people; "" if it is one.
  const QString& problem() const { return m_problem; }
  bool passesAll() const { return m_text.isEmpty() || !m_problem.isEmpty(); }
  // Bounded in time: an expression that would try for long is given up with TooCostly.
  Verdict verdict(const QString& line) const;

private:
  QString m_text;
  QString m_problem;
  bool m_isExpression = false;
  QStringMatcher m_matcher;
  QRegularExpression m_expression;
};

} // namespace ratdeck
