// One service in full: copies, probes, output, and what differs between its versions, as tabs of plain
// tables. GUI thread.
#pragma once

#include "ui/model/service_detail.h"

#include <QCoreApplication>
#include <QTabWidget>

class QTableWidget;
class QStackedWidget;

namespace ratdeck {

class PlainLabel;

class ServiceDetailView {
  Q_DECLARE_TR_FUNCTIONS(ratdeck::ServiceDetailView)
public:
  // Adds its tabs to `tabs`, which outlives it.
  explicit ServiceDetailView(QTabWidget& tabs);

  void setDetail(const ServiceDetail& detail);

private:
  struct Page {
    QStackedWidget* stack;
    QTableWidget* table;
    PlainLabel* empty;
  };
  Page addPage(QTabWidget& tabs, const QString& title, const QStringList& columns);
  static void fill(const Page& page, const std::vector<QStringList>& rows, const std::vector<Mood>& moods,
                   const QString& empty);

  Page m_copies, m_probes, m_output, m_changes;
  ServiceDetail m_detail;
  bool m_isShown = false;
};

} // namespace ratdeck
