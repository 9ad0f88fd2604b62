// Text from outside (names, versions, errors) as widgets show it. Pure.
#pragma once

#include <QString>
#include <QStringList>

namespace ratdeck {

// On one line, without control and bidirectional characters; what is longer than `longest` characters ends in
// "…". Still to be shown as plain text only: markup in it is left as it is.
QString outsideText(const QString& text, int longest = 300);

// A tooltip of these lines, each shown as it is: tooltips take what looks like markup for markup. Empty lines
// are left out; "" if nothing is left.
QString tooltipText(const QStringList& lines);

} // namespace ratdeck
