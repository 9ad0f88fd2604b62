#include "core/journal/event_record.h"

#include "core/journal/header.h"

namespace ratdeck {

Record recordOf(const Event& event) {
  Record record;
  record.at = event.at;
  record.type = toString(event.type);
  record.data = dataOf(event);
  return record;
}

std::vector<Record> recordsOf(const std::vector<Event>& events) {
  std::vector<Record> records;
  records.reserve(events.size());
  for (const auto& event : events)
    records.push_back(recordOf(event));
  return records;
}

Result<Event> eventOf(const Record& record) {
  if (isAboutJournal(record))
    return failure(ErrorKind::Input, record.type + " is about the journal and is no event");
  return eventFrom(record.type, record.at, record.data);
}

Result<std::vector<Event>> eventsOf(const std::vector<Record>& records) {
  std::vector<Event> events;
  events.reserve(records.size());
  for (const auto& record : records) {
    if (isAboutJournal(record))
      continue;
    auto event = eventOf(record);
    if (!event) {
      auto error = event.error();
      error.message = "record " + std::to_string(record.seq) + ": " + error.message;
      return failure(std::move(error));
    }
    events.push_back(std::move(*event));
  }
  return events;
}

} // namespace ratdeck
