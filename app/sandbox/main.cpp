#include "app/sandbox/command_line.h"

int main(int argc, char** argv) {
  return ratdeck::sandbox::runCommandLine(argc, argv);
}
