// A plan in a few sentences, for the page that shows it. Pure; text from outside is plain in it.
#pragma once

#include "ui/model/status_line.h"

#include "core/plan/plan.h"

namespace ratdeck {

// "3 of 14 services change in 2 waves"; "Nothing is to be done".
QString planTitle(const Plan& plan);
// What users will see of it.
StatusLine usersLine(const Plan& plan);
// "ratd up to 42 s", in the order in which they are replaced; empty where every service keeps answering.
QStringList awayLines(const Plan& plan);
// What stands against beginning now; empty: nothing.
QStringList closedLines(const Plan& plan);
// "gateway before ratd, expires after 30 min".
QStringList approvalLines(const Plan& plan);
// "2 errors, 3 warnings, 1 note"; "none".
QString problemCount(const std::vector<Problem>& problems);
// How many of them keep the plan from being carried out.
int errorCount(const Plan& plan);

// "a, b and 4 more": at most `most` of the words are named.
QString listed(const QStringList& words, int most = 6);

} // namespace ratdeck
