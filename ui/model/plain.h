// Text from outside (names, versions, errors, output) on its way to the screen: the one place that makes it
// harmless. What it gives is still to be shown as plain text: markup in it is left as it is. Pure.
#pragma once

#include <QString>
#include <QStringList>

#include <string_view>

namespace ratdeck {

// One line without control and bidirectional characters, at most `limit` bytes of it and then "…".
QString plain(std::string_view text, size_t limit = 4096);
// The same of what is longer than `longest` characters.
QString plain(const QString& text, int longest = 300);

// As a button shows it, which takes & for the mark of a key.
QString onButton(QString text);

// A tooltip of these lines, each shown as it is: tooltips take what looks like markup for markup. Empty lines
// are left out; "" if nothing is left.
QString plainToolTip(const QStringList& lines);
QString plainToolTip(const QString& line);

} // namespace ratdeck
