#!/usr/bin/env bash
# Installs what is missing, builds, and shows the main job on the embedded sandbox.
#
#   packaging/run.sh [--headless] [ARGUMENT…]
#
# With a display it opens the window (`ratdeck --sandbox`), without one, or with --headless, it runs
# `ratdeckctl demo`. Further arguments go to that program; the exit code is its own.
set -euo pipefail
# shellcheck source=packaging/stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"

headless=no
arguments=()
for argument in "$@"; do
  case $argument in
  --headless) headless=yes ;;
  *) arguments+=("$argument") ;;
  esac
done
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then headless=yes; fi

install_packages programs
build_preset release programs

program=build/release/bin/ratdeck
if [ "$headless" = no ] && [ -x "$program" ]; then
  exec "$program" --sandbox ${arguments[@]+"${arguments[@]}"}
fi
exec build/release/bin/ratdeckctl demo ${arguments[@]+"${arguments[@]}"}
