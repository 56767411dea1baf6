# Replaces the containers of a service one by one: a new one is healthy before an old one is told to leave, and before the ingress finds it.
# shellcheck shell=sh disable=SC2154

compose_at() { (cd "$docker_folder" && TRUSTY_VERSION=$1 && export TRUSTY_VERSION && shift && docker compose "$@"); }
image_of() { docker inspect -f '{{.Config.Image}}' "$1"; }
version_of() { image_of "$1" | sed 's/.*://'; }
# named_now IMAGE VERSION: what Compose calls that image in that version, from whatever registry it was.
named_now() { compose_at "$2" config --images | grep "/$(basename "${1%:*}"):" | head -n 1; }
name_of() { docker inspect -f '{{.Name}}' "$1" | cut -c 2-; }
networks_of() { docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' "$1"; }
repository_of() { image_of "$(compose ps -q "$1" | head -n 1)" | sed 's/:[^:]*$//'; }

# Writes the version into the file that Compose reads.
note_version() {
  if [ "$dry" ]; then return; fi
  [ -e "$env_file" ] || : >"$env_file"
  cp -p "$env_file" "$env_file.new"
  { grep -v '^TRUSTY_VERSION=' "$env_file" || true; echo "TRUSTY_VERSION=$1"; } >"$env_file.new"
  mv "$env_file.new" "$env_file"
}

# roll SERVICE VERSION [IDS]: replaces containers whose image is not that of VERSION, and those of IDS.
roll() {
  service=$1 version=$2 others=${3-}
  [ "$dry" ] || remove_left "$service"
  members=$(compose ps -q "$service")
  [ "$members" ] || return 0
  wanted=$(docker image inspect -f '{{.Id}}' "$(repository_of "$service"):$version" 2>/dev/null || true)
  for old in $members; do
    if [ "$(docker inspect -f '{{.Image}}' "$old")" = "$wanted" ]; then
      case " $others " in *" $old "*) ;; *) continue ;; esac
    fi
    replace "$service" "$version" "$old" || return 1
  done
}

doors_of() { networks_of "$1" | grep '_front$' || true; }

# What an update that was killed has left: containers that were not started, and those that no ingress sees while others are seen.
remove_left() {
  for each in $(compose ps -aq --status created "$1"); do docker rm "$each" >/dev/null; done
  seen='' unseen=''
  for each in $(compose ps -q "$1"); do if [ "$(doors_of "$each")" ]; then seen=$each; else unseen="$unseen $each"; fi; done
  [ "$seen" ] || return 0
  for each in $unseen; do docker rm -f "$each" >/dev/null; done
}

# A container that was started and takes no part yet.
half_made=
remove_half_made() {
  [ -z "$half_made" ] || docker rm -f "$half_made" >/dev/null
  half_made=
}

replace() {
  service=$1 version=$2 old=$3
  if [ "$dry" ]; then
    say "would replace $(name_of "$old") ($(image_of "$old")) by version $version"
    return
  fi
  before=$(compose ps -aq "$service")
  count=$(compose ps -aq "$service" | wc -l)
  say "starting one more $service, of version $version"
  compose_at "$version" up --no-start --no-deps --no-build --no-recreate --scale "$service=$((count + 1))" "$service" >&2 || return 1
  new=
  for each in $(compose ps -aq "$service"); do case "$before" in *"$each"*) ;; *) new=$each ;; esac; done
  half_made=$new
  doors=$(doors_of "$new")
  for each in $doors; do docker network disconnect "$each" "$new"; done
  if ! docker start "$new" >/dev/null; then
    remove_half_made
    return 1
  fi
  if ! healthy "$new"; then
    say "the new $service does not become healthy; its last words:"
    docker logs --tail 20 "$new" >&2 || true
    remove_half_made
    return 1
  fi
  for each in $doors; do docker network connect --alias "$service" "$each" "$new" || return 1; done
  half_made=
  say "$(name_of "$new") is healthy; $(name_of "$old") leaves"
  docker stop "$old" >/dev/null && docker rm "$old" >/dev/null
}

# Whether a container becomes healthy in time, and does not end on the way.
healthy() {
  until_second=$(($(date +%s) + wait_seconds))
  while [ "$(date +%s)" -lt "$until_second" ]; do
    case $(docker inspect -f '{{.State.Status}} {{.RestartCount}} {{.State.Health.Status}}' "$1") in
    'running '*' healthy') return 0 ;;
    exited* | dead* | *' '[3-9]' '*) return 1 ;;
    esac
    sleep 1
  done
  return 1
}
