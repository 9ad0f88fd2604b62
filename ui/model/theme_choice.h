// Which colours a person wants. Plain value.
#pragma once

namespace ratdeck {

enum class ThemeChoice { System, Light, Dark }; // System: dark where the desktop's palette is

} // namespace ratdeck
