# Sourced by run.sh and test.sh: stages that print one line with their time and keep their output in a log.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
# With stdin closed the next file that is opened would become stdin.
if ! { : <&0; } 2>/dev/null; then exec </dev/null; fi

# Where ccache is there, a clone in another folder finds what this one compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

stage_log=
stage_watcher=
stop_watcher() {
  if [ -n "$stage_watcher" ]; then kill "$stage_watcher" 2>/dev/null || true; fi
  stage_watcher=
}
interrupted() {
  stop_watcher
  printf '\nratdeck: interrupted\n' >&2
  exit 130
}
trap interrupted INT TERM HUP

# Milliseconds of a clock that only runs forward.
now_ms() {
  local up _
  read -r up _ </proc/uptime
  printf '%s' "$((10#${up/./} * 10))"
}

tenths() { printf '%d.%d s' "$(($1 / 1000))" "$(($1 % 1000 / 100))"; }

# How far a build is, from the last line of its log: [12/345].
progress_of() { tail -n 1 "$1" 2>/dev/null | grep -o '^\[[0-9]*/[0-9]*\]' || true; }

# Redraws the line of the running stage, for a person who watches.
watch_stage() {
  trap - INT TERM HUP
  while sleep 0.5; do
    printf '\r\033[Kratdeck: %-24s %s %s' "$stage_title" "$(tenths "$(($(now_ms) - stage_started))")" \
      "$(progress_of "$stage_log")"
  done
}

# Runs a command in the foreground, so that Ctrl-C reaches it, with its output in the stage's log.
run_logged() {
  local status=0
  if [ -t 1 ]; then
    watch_stage &
    stage_watcher=$!
  fi
  "$@" >>"$stage_log" 2>&1 </dev/null || status=$?
  if [ -n "$stage_watcher" ]; then
    stop_watcher
    printf '\r\033[Kratdeck: %-24s ' "$stage_title"
  fi
  return "$status"
}

# stage TITLE LOG NEXT COMMAND…: one line with the time it took. If it fails: the log's last 30 lines and what to
# do next, then exit 1.
stage() {
  stage_title=$1 stage_log=$root/build/release/$2
  local next=$3 status=0
  shift 3
  mkdir -p "${stage_log%/*}"
  : >"$stage_log"
  stage_started=$(now_ms)
  printf 'ratdeck: %-24s ' "$stage_title"
  run_logged "$@" || status=$?
  if [ "$status" = 0 ]; then
    printf '%s\n' "$(tenths "$(($(now_ms) - stage_started))")"
    return
  fi
  printf 'failed after %s\n' "$(tenths "$(($(now_ms) - stage_started))")"
  {
    tail -n 30 "$stage_log"
    printf '\nratdeck: %s failed (exit %s); the whole log: %s\n' "$stage_title" "$status" "$stage_log"
    printf 'ratdeck: next: %s\n' "$next"
  } >&2
  exit 1
}

# As many compilers as there are processors, but none without 1.2 GB of memory for itself.
build_jobs() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1200000) }' /proc/meminfo)
  if [ "${memory:-0}" -lt 1 ]; then memory=1; fi
  printf '%s' "$((processors < memory ? processors : memory))"
}

# install_packages programs|tests
install_packages() {
  # sudo's question would drown in the line that is redrawn: ask before it.
  if [ "$(id -u)" != 0 ] && [ -t 1 ] && command -v sudo >/dev/null &&
    [ -n "$(packaging/dependencies.sh --missing "$1")" ]; then
    sudo -v
  fi
  stage "packages" packages.log "look at apt's words above; packaging/dependencies.sh $1 tries again" \
    packaging/dependencies.sh "$1"
}

# build_preset PRESET TARGET…
build_preset() {
  local preset=$1
  shift
  stage "configure ($preset)" "configure-$preset.log" "remove build/$preset and try again" \
    cmake --preset "$preset"
  stage "build ($preset)" "build-$preset.log" "mend what the compiler names above and try again" \
    cmake --build "build/$preset" -j "$(build_jobs)" --target "$@"
}
