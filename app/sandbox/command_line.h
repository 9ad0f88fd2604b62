// The program's words: supervise, serve, exec, load, down.
//
// Under any other name (a link /ratd, /usr/bin/wget … in a stand-in's image) it is the health command of the
// real image: `/ratd healthcheck` asks the stand-in of its own container, which STAND_IN_PLAYS names.
#pragma once

namespace ratdeck::sandbox {

// Answers the exit code; 2 for bad usage.
int runCommandLine(int argc, char** argv);

} // namespace ratdeck::sandbox
