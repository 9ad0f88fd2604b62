// Where the router's configuration text goes. What is changed at run time dies with a restart of HAProxy, so
// the text is written again after every change.
#pragma once

#include "core/runtime/runtime.h"

#include <string>

namespace ratdeck {

class ConfigSink {
public:
  virtual ~ConfigSink() = default;
  // Whether put() starts a router where none runs. One that is somebody else's to start is waited for.
  virtual bool startsRouter() const { return true; }
  // Stores the text and starts the router on it where none runs. With `reload` a running one must take the
  // new text too (it has new backends), without cutting a connection, and gets a bounded time to finish what
  // it carries; without, it is left alone.
  virtual void put(const std::string& text, bool reload, Callback<Done> done) = 0;
  // What was stored last. Errors: NotFound (nothing yet), Internal.
  virtual Result<std::string> stored() const = 0;
};

} // namespace ratdeck
