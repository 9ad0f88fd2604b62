// What nearly every test includes, compiled once (a precompiled header). A test still includes what it uses.
#pragma once

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include <QtCore/QtCore>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>
