// What a person reads, outside of a QObject: in the one context that lupdate finds for functions of this
// namespace. (Classes have one of their own: QObject's tr, or Q_DECLARE_TR_FUNCTIONS.)
#pragma once

#include <QCoreApplication>
#include <QString>

namespace ratdeck {

inline QString tr(const char* text) {
  return QCoreApplication::translate("ratdeck", text);
}

} // namespace ratdeck
