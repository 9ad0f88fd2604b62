// The program's words: supervise, serve, exec, load, down.
#pragma once

namespace ratdeck::sandbox {

// Answers the exit code; 2 for bad usage.
int runCommandLine(int argc, char** argv);

} // namespace ratdeck::sandbox
