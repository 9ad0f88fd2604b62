// Which services a plan is to be made of, and the images that are to be set: a table of service (with a check
// box while single ones are named) and image (to be typed). One thread.
#pragma once

#include "core/spec/stack_choice.h"
#include "core/spec/stack_spec.h"

#include <QAbstractTableModel>

#include <set>

namespace ratdeck {

class ServiceChoiceModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { Service, Image, ColumnCount };
  enum Role { PlaceholderRole = Qt::UserRole }; // of Image: what it is where nothing is set

  using QAbstractTableModel::QAbstractTableModel;

  // The services of the stack, and those that `choice` names beside them; what was typed before is gone.
  void setStack(const StackSpec& stack, const StackChoice& choice);
  // Services that a plan knows and the stack did not: name -> image. The rest stays as it is.
  void addServices(const std::map<std::string, std::string>& images);

  // Not: all services take part, and there are no check boxes.
  void setNamesOnes(bool namesOnes);
  bool namesOnes() const { return m_namesOnes; }
  // Not: images stay as they are, and what was typed is kept for later.
  void setSetsImages(bool setsImages);

  std::map<std::string, std::string> setImages() const;
  std::vector<std::string> services() const; // empty = all

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
  // Another answer of setImages() or services().
  void choiceChanged();

private:
  struct Row {
    std::string name;
    std::string image; // of the stack
    std::string set;   // "" = as in the stack
    bool isChecked = false;
  };
  QVariant serviceData(const Row& row, int role) const;
  QVariant imageData(const Row& row, int role) const;

  std::vector<Row> m_rows;
  bool m_namesOnes = false, m_setsImages = true;
};

} // namespace ratdeck
