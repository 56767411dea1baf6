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

env_file=${COMPOSE_ENV_FILES:-$docker_folder/.env}
if [ -z "${COMPOSE_FILE-}" ] && [ -e "$docker_folder/compose.production.yaml" ] && ! grep -qs '^COMPOSE_FILE=' "$env_file"; then
  export COMPOSE_FILE=compose.yaml:compose.production.yaml
fi

# The last line, whatever happens.
last_line() {
  status=$?
  [ -z "$at_end" ] || "$at_end"
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

# One at a time of those that start and end containers or read the database; whoever sets turn_seconds waits for its turn so long.
alone() {
  [ "$dry" ] && return
  exec 9>"${TMPDIR:-/tmp}/trustyconvert-$(project).lock"
  if command -v flock >/dev/null; then flock -w "${turn_seconds:-0}" 9 || fail "another script is at work on this project"; fi
}

project() { compose config --format json | sed -n 's/^  "name": "\(.*\)",$/\1/p'; }
