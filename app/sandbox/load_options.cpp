#include "app/sandbox/load_options.h"

namespace ratdeck::sandbox {

Result<LoadOptions> readLoadOptions(const Json& json) {
  LoadOptions options;
  options.rate = numberAt(json, "rate", options.rate);
  options.streams = static_cast<int>(integerAt(json, "streams", options.streams));
  options.timeout = std::chrono::milliseconds(integerAt(json, "timeout_ms", options.timeout.count()));
  options.duration = std::chrono::milliseconds(integerAt(json, "duration_ms", 0));
  options.newConnections = boolAt(json, "new_connections", options.newConnections);
  options.finishStreams = boolAt(json, "finish_streams", options.finishStreams);
  if (!(options.rate >= 1 && options.rate <= 5000) || options.streams < 0 || options.streams > 200 ||
      options.timeout.count() < 1 || options.duration < Duration::zero())
    return failure(ErrorKind::Input,
                   "the load takes a rate of 1 to 5000, 0 to 200 streams and times that are not negative");
  const auto& targets = memberAt(json, "targets");
  struct Target {
    const char* name;
    std::optional<Endpoint>& place;
    std::uint16_t port;
  };
  for (auto [name, place, port] : {Target{"portal", options.portal, 3000}, Target{"ratd", options.ratd, 8080},
                                   Target{"ledger", options.ledger, 5432}, Target{"web", options.web, 80}}) {
    auto text = textAt(targets, name);
    if (text.empty())
      continue;
    auto endpoint = parseEndpoint(text, port);
    if (!endpoint)
      return failure(endpoint.error());
    place = *endpoint;
  }
  if (!options.portal && !options.ratd && !options.web)
    return failure(ErrorKind::Input, "the load has no target",
                   "name a portal, a ratd or a web in \"targets\"");
  if (!options.portal && !options.ratd)
    options.streams = 0;
  return options;
}

} // namespace ratdeck::sandbox
