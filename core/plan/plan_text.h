// A plan for people: calm, aligned, at most 100 columns wide where the names allow it, no colour. Pure.
#pragma once

#include <string>

namespace ratdeck {

struct Plan;
struct ServicePlan;

// Ends with a newline. UTF-8.
std::string toText(const Plan& plan);
// What follows the last step of a service, and what a failure does where that is not the rule; one line, "" =
// nothing.
std::string whatFollows(const Plan& plan, const ServicePlan& service);

} // namespace ratdeck
