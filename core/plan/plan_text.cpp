#include "core/plan/plan_text.h"
#include "core/plan/plan.h"
namespace ratdeck {
std::string toText(const Plan& plan) {
  return plan.project + "\n";
}
} // namespace ratdeck
