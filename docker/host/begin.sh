# Sourced first by each script of docker/: what they all do alike. `usage` is the script's text for --help.
# shellcheck shell=sh disable=SC2154
set -eu
# Cron's is short, and has neither snap's Docker nor what was installed by hand.
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
# Docker reads what it is given: no terminal, and no loop that started this.
exec </dev/null
script=$(basename "$0")
docker_folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dry=
at_end=
outcome='failed: see above'

say() { printf '%s: %s\n' "$script" "$*" >&2; }

# Does what it is told, or with --dry-run says it.
run() { if [ "$dry" ]; then say "would run: $*"; else "$@"; fi; }

# From its folder, where .env may say COMPOSE_FILE and COMPOSE_PROJECT_NAME.
compose() { (cd "$docker_folder" && docker compose "$@"); }

env_file=${COMPOSE_ENV_FILES:-.env}
case $env_file in /*) ;; *) env_file=$docker_folder/$env_file ;; esac
if [ -z "${COMPOSE_FILE-}" ] && [ -e "$docker_folder/compose.production.yaml" ] && ! grep -qs '^COMPOSE_FILE=' "$env_file"; then
  export COMPOSE_FILE=compose.yaml:compose.production.yaml
fi

# The last line, whatever happens.
last_line() {
  status=$?
  [ -z "$at_end" ] || "$at_end" || true
  [ $status -eq 0 ] || case $outcome in failed*) ;; *) outcome='failed: see above' ;; esac
  printf '%s: %s\n' "$script" "$outcome"
  exit $status
}
trap last_line EXIT
# A terminal that is gone, or nobody who reads on, is an end like others.
interrupted() {
  outcome='failed: it was ended before its time'
  exit "$1"
}
trap 'interrupted 129' HUP
trap 'interrupted 130' INT
trap 'interrupted 141' PIPE
trap 'interrupted 143' TERM

fail() {
  outcome="failed: $*"
  exit 1
}

case ${COMPOSE_ENV_FILES-} in *,*) fail "COMPOSE_ENV_FILES names several files ($COMPOSE_ENV_FILES), and containers are given one: put them into one" ;; esac

help() {
  trap - EXIT
  printf '%s\n' "$usage"
  exit 0
}

wrong() {
  trap - EXIT
  printf '%s\n\n%s\n' "$script: $*" "$usage" >&2
  exit 2
}

# value OPTION VALUE…
value() { [ "${2-}" ] || wrong "$1 needs a value, and got none"; }

# In /tmp by one name, so that everybody finds the same, and opened for reading, so that it does not matter whose it is. A lock of the kernel's, which
# ends with the processes that have it.
lock_file() {
  lock=/tmp/trustyconvert-$1.lock
  [ -e "$lock" ] || (umask 022 && : >"$lock")
  printf '%s\n' "$lock"
}
take_turn() { ! command -v flock >/dev/null || flock -n 9; }

# One at a time of those that start and end containers or read the database; whoever sets turn_seconds waits for its turn so long.
alone() {
  project=$(project)
  [ -z "$dry" ] || return 0
  exec 9<"$(lock_file "$project")"
  if take_turn; then return; fi
  if [ "${turn_seconds-}" ]; then
    say "another script is at work on this project; waiting for it, $turn_seconds s at most"
    if flock -w "$turn_seconds" 9; then return; fi
  fi
  fail 'another script is at work on this project; begin again when it has ended'
}

project() { compose config --format json | sed -n 's/^  "name": "\(.*\)",$/\1/p'; }
