// Events to records and back. Pure; any thread.
#pragma once

#include "core/journal/record.h"
#include "core/rollout/event.h"

#include <vector>

namespace ratdeck {

// seq and prev are left to the writer.
Record recordOf(const Event& event);
std::vector<Record> recordsOf(const std::vector<Event>& events);

// Errors (kind Input): a record about the journal itself, an unknown type, a field of another type.
Result<Event> eventOf(const Record& record);
// Passes over the records about the journal itself. Errors as eventOf, with the sequence number.
Result<std::vector<Event>> eventsOf(const std::vector<Record>& records);

} // namespace ratdeck
