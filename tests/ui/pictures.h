// Pictures of what a test shows, for eyes: written to the folder that RATDECK_SHOTS names, if it names one.
#pragma once

#include <QDir>
#include <QPixmap>
#include <QWidget>

namespace ratdeck::test {

inline void keepPicture(QWidget& widget, const QString& name) {
  if (const QString folder = qEnvironmentVariable("RATDECK_SHOTS"); !folder.isEmpty())
    widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
}

} // namespace ratdeck::test
