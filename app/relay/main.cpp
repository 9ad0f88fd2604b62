#include "app/relay/command.h"

#include <cstdio>

int main(int argc, char** argv) {
  using namespace ratdeck;
  const relay::Outcome outcome = relay::run({argv + 1, argv + argc});
  std::fputs(outcome.text.c_str(), outcome.exitCode == 0 ? stdout : stderr);
  return outcome.exitCode;
}
