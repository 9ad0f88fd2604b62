#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests through CTest.
#
#   packaging/test.sh                 every label but bench and fuzz, and docker only as root
#   packaging/test.sh --all           every label at CI size, and the sanitizers; a skipped test is an error
#   packaging/test.sh --full          as --all, with the sizes that the goals are judged by (takes long)
#   packaging/test.sh … -- ARGUMENT…  further arguments for ctest, for example -- -L unit
#
# The last line is the sum over all builds, in CTest's words.
set -euo pipefail
# shellcheck source=packaging/stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"

usage() {
  printf 'ratdeck: unknown argument %s\nratdeck: next: packaging/test.sh [--all|--full] [-- CTEST-ARGUMENT…]\n' "$1" >&2
  exit 2
}

everything=no
size=ci
while [ $# -gt 0 ]; do
  case $1 in
  --all) everything=yes ;;
  --full) everything=yes size=full ;;
  --)
    shift
    break
    ;;
  *) usage "$1" ;;
  esac
  shift
done
export RATDECK_TEST_SIZE=$size
[ "$size" = ci ] || export QTEST_FUNCTION_TIMEOUT=1800000

passed=0 failed=0 skipped=0 broken=no

# The tests that CTest left out, and the functions that a Qt Test program left out while it passed.
skips_in() {
  grep -oE 'Test +#[0-9]+: [^ ]+ \.*\*+(Skipped|Not Run)' "$1" | sed -E 's/Test +#[0-9]+: ([^ ]+).*/  \1/' || true
  grep -hoE '^SKIP   : .*' "$2" | sed 's/^SKIP   : /  /' || true
}

# run_tests PRESET CTEST-ARGUMENT…: CTest's own lines are shown and kept; counts are added up.
run_tests() {
  local preset=$1 log="build/release/test-$1.log" status=0 left_out total bad
  shift
  printf 'ratdeck: tests (%s)\n' "$preset"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j 2 "$@" </dev/null 2>&1 | tee "$log" ||
    status=$?
  total=$(sed -nE 's/.* tests failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
  bad=$(sed -nE 's/.*, ([0-9]+) tests failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
  left_out=$(skips_in "$log" "build/$preset/Testing/Temporary/LastTest.log")
  if [ -n "$left_out" ]; then
    skipped=$((skipped + $(wc -l <<<"$left_out")))
    printf 'ratdeck: left out (why stands in build/%s/Testing/Temporary/LastTest.log):\n%s\n' "$preset" "$left_out"
  fi
  failed=$((failed + ${bad:-0}))
  passed=$((passed + ${total:-0} - ${bad:-0}))
  # No count at all means that CTest itself did not get to its end.
  if [ -z "$total" ] || { [ "$status" != 0 ] && [ "${bad:-0}" = 0 ]; }; then broken=yes; fi
}

install_packages tests
build_preset release all
if [ "$everything" = yes ]; then
  build_preset asan sanitized
  # Not tsan: Debian's Qt is built without it, so each object that crosses a queued call is reported as a race.
  run_tests asan -L sanitized
  run_tests release "$@"
else
  labels='bench|fuzz'
  if [ "$(id -u)" != 0 ]; then
    labels+='|docker'
    printf 'ratdeck: left out: label docker, whose tests start a Docker Engine of their own and need root\n'
  fi
  run_tests release -LE "$labels" "$@"
  printf 'ratdeck: left out: labels bench and fuzz, and the sanitizers; packaging/test.sh --all runs them\n'
fi

if [ "$everything" = yes ] && [ "$skipped" -gt 0 ]; then
  printf 'ratdeck: %d skipped, which --all does not allow\n' "$skipped"
  broken=yes
fi
if [ "$broken" = yes ] && [ "$failed" = 0 ]; then failed=1 passed=$((passed > 0 ? passed - 1 : 0)); fi
sum=$((passed + failed))
printf '\n%d%% tests passed, %d tests failed out of %d\n' \
  "$((sum > 0 ? passed * 100 / sum : 0))" "$failed" "$sum"
[ "$failed" = 0 ] && [ "$sum" -gt 0 ]
