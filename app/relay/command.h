// The program's words, and its one line of JSON.
//
//     wait SECONDS                              until nobody has asked anything for so long, or SIGTERM
//     get MILLISECONDS HOST:PORT PATH BYTES [NAME:VALUE]…
//                                               {"status":200,"body":"…","cut":false}
//     get-as MILLISECONDS FILE HOST:PORT …      as get, with the file's text as bearer token; the file is
//                                               removed before anybody is asked
//     free MILLISECONDS FOLDER                  {"free":BYTES}, of the file system that holds it, for those
//                                               who are not root
//     connect MILLISECONDS HOST:PORT            {}
//     health MILLISECONDS HOST:PORT SERVICE     {"health":"serving"}
//     haproxy MILLISECONDS SOCKET COMMAND       {"answer":"…"}, as it came
//
// HOST is an address, not a name. Each answer has "took_ms"; what could not be had is
// {"error":{"kind":"unreachable"|"timeout"|"refused"|"input"|"internal","message":"…"}}, with exit code 0
// too: that somebody else does not answer is an answer. 2 is bad usage. What an answer is worth is the
// asker's to say.
#pragma once

#include <string>
#include <vector>

namespace ratdeck::relay {

struct Outcome {
  int exitCode = 0;
  std::string text; // a line; "" of wait
};

Outcome run(const std::vector<std::string>& words);

} // namespace ratdeck::relay
