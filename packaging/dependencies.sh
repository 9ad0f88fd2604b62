#!/usr/bin/env bash
# The one list of Debian 12 packages that ratdeck needs, and their installation.
#
#   packaging/dependencies.sh [programs|tests]     installs what is missing (default: programs)
#   packaging/dependencies.sh --list|--missing [programs|tests]
#
# Packages that are there already are not touched, nor upgraded, and apt does not run if nothing is missing.
# While apt runs, a policy-rc.d keeps the daemons of new packages from starting; afterwards it is as it was.
set -euo pipefail

for_programs=(
  g++ cmake ninja-build pkg-config
  qt6-base-dev libqt6opengl6-dev qt6-charts-dev qt6-svg-dev
  graphviz
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  libboost-dev libcli11-dev libcurl4-openssl-dev libexpected-dev libspdlog-dev libssl-dev libyaml-cpp-dev
  nlohmann-json3-dev
  haproxy
)
for_tests=(
  ccache clang-format-14 jq procps python3 shellcheck xdotool xvfb python3-jsonschema python3-yaml
  containerd docker-compose docker-registry docker.io openssh-server openssl prometheus wrk
)
# Packages that bring a daemon which Debian would start now and at each boot, with the names of its units.
declare -A units_of=(
  [containerd]=containerd [docker-registry]=docker-registry [docker.io]='docker.service docker.socket'
  [haproxy]=haproxy [openssh-server]=ssh [prometheus]=prometheus
)

say() { printf 'ratdeck: %s\n' "$*"; }
fail() {
  printf 'ratdeck: %s\n' "$@" >&2
  exit 1
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# A Docker Engine from elsewhere does as well, and Debian's would have to drive it out.
is_there() {
  case $1 in
  containerd | docker.io) is_installed "$1" || command -v dockerd >/dev/null ;;
  *) is_installed "$1" ;;
  esac
}

wanted() {
  printf '%s\n' "${for_programs[@]}"
  if [ "$1" = tests ]; then printf '%s\n' "${for_tests[@]}"; fi
}

missing_of() {
  local package
  wanted "$1" | while read -r package; do
    is_there "$package" || printf '%s\n' "$package"
  done
}

# The part below runs as root, in a process of its own (`dependencies.sh --as-root PACKAGE…`).
patience=300 # seconds for another installation's lock
policy=/usr/sbin/policy-rc.d
saved=/usr/sbin/policy-rc.d.before-ratdeck
mark='# placed by ratdeck while it installs packages'

put_policy_back() {
  if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi
  if [ -e "$saved" ] || [ -L "$saved" ]; then mv -f "$saved" "$policy"; fi
}

hold_daemons() {
  put_policy_back # what a run that was killed left behind
  trap put_policy_back EXIT
  trap 'exit 130' INT TERM HUP
  if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$saved"; fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
}

have_candidates() {
  local package
  for package in "$@"; do
    apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [^(]' || return 1
  done
}

# Without the lock: what a package starts would hold it.
debian() { apt-get -q -o DPkg::Lock::Timeout="$patience" -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@" 9>&-; }
install_now() { debian install -y --no-install-recommends --no-remove "$@"; }

install_as_root() {
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  # One installation at a time: the second waits for the first to put the policy back.
  exec 9>/run/ratdeck-packages.lock
  flock -w "$patience" 9 || fail "another installation has gone on for $patience s" \
    "next: wait for it, and run this again"
  hold_daemons
  if ! have_candidates "$@"; then
    debian update
    install_now "$@"
  elif ! install_now "$@"; then
    debian update # the lists may be older than the archive
    install_now "$@"
  fi
  [ -d /run/systemd/system ] || return 0
  local package units
  for package in "$@"; do
    read -r -a units <<<"${units_of[$package]:-}"
    # ratdeck runs its own copies of these programs
    if [ "${#units[@]}" -gt 0 ]; then systemctl disable "${units[@]}"; fi
  done
}

# Root or sudo in front of the part above; sudo asks for a password only if there is a terminal to ask on.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    fail "these packages are missing: ${missing[*]}" "next: run this as root, or install sudo"
  elif { : </dev/tty; } 2>/dev/null; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

main() {
  local missing=()
  mapfile -t missing < <(missing_of "$1")
  if [ "${#missing[@]}" = 0 ]; then
    say "every package is there"
    return
  fi
  command -v apt-get >/dev/null || fail "apt-get is not here; ratdeck is set up on Debian 12" \
    "next: install the counterparts of these Debian packages: ${missing[*]}"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  as_root "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/dependencies.sh" --as-root "${missing[@]}"
}

case ${1:-programs} in
programs | tests) main "${1:-programs}" ;;
--missing) missing_of "${2:-programs}" ;;
--list) wanted "${2:-programs}" ;;
--as-root)
  shift
  install_as_root "$@"
  ;;
*) fail "usage: packaging/dependencies.sh [--list|--missing] [programs|tests]" ;;
esac
