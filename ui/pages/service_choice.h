// The part of the form that names services and images. GUI thread.
#pragma once

#include "ui/model/service_choice_model.h"

#include <QWidget>

class QCheckBox;
class QTableView;

namespace ratdeck {

class PlainLabel;

class ServiceChoice : public QWidget {
  Q_OBJECT
public:
  explicit ServiceChoice(QWidget* parent = nullptr);

  void setStack(const StackSpec& stack, const StackChoice& choice);
  // Not: services are named only, as for a rollback.
  void setSetsImages(bool setsImages);
  ServiceChoiceModel& model() { return m_model; }
  const ServiceChoiceModel& model() const { return m_model; }
  // Single services are to be named, and none is.
  bool isIncomplete() const { return m_model.namesOnes() && m_model.services().empty(); }

Q_SIGNALS:
  void changed();

private:
  void build();

  ServiceChoiceModel m_model;
  PlainLabel *m_title, *m_hint;
  QCheckBox* m_ones;
  QTableView* m_table;
};

} // namespace ratdeck
