#!/usr/bin/env bash
# Writes pictures of the window in its situations, light and dark, at 1280x800 and at 2560x1440 with scale 2.
#
#   packaging/screenshots.sh DIR
#
# No display is needed. Builds what it needs; DIR is made if it is not there.
set -euo pipefail
usage() {
  printf 'ratdeck: next: packaging/screenshots.sh DIR\n' >&2
  exit 2
}
if [ $# -ne 1 ] || [ -z "$1" ]; then usage; fi
case $1 in -*) usage ;; esac
mkdir -p -- "$1"
folder=$(cd -- "$1" && pwd)
# shellcheck source=packaging/stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"

# picture_all THEME SIZE SCALE: SIZE is in device-independent pixels.
picture_all() {
  stage "pictures ($1, $2 x$3)" "screenshots-$1-$2.log" "look at its last lines above" \
    env QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR="$3" \
    build/release/tests/screenshots --theme "$1" --size "$2" "$folder"
}

install_packages tests
build_preset release ratdeck_screenshots
for theme in light dark; do
  picture_all "$theme" 1280x800 1
  picture_all "$theme" 1280x720 2
done
printf 'ratdeck: the pictures are in %s\n' "$folder"
