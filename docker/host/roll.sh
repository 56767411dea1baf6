# Replaces the containers of a service one by one: a new one is healthy before an old one is told to leave, and before the ingress finds it.
# shellcheck shell=sh disable=SC2034,SC2154

compose_at() { (cd "$docker_folder" && TRUSTY_VERSION=$1 && export TRUSTY_VERSION && shift && docker compose "$@"); }
# told VERSION SECTION NAME FIELD: what the compose files say in that version, as of `services api image`.
told() {
  said=$(compose_at "$1" config) || return 1
  printf '%s\n' "$said" | awk -v section="$2:" -v name="$3:" -v field="$4:" '
    /^[^ ]/ { here = $1 == section } /^  [^ ]/ { own = here && $1 == name } /^    [^ ]/ && own && $1 == field { print $2 }'
}
# more_of VERSION OPTION… SERVICE: not by a download, because under a name that is gone here a registry may have somebody else's image.
more_of() { at=$1 && shift && compose_at "$at" up --no-deps --no-build --pull never --no-recreate "$@" >&2; }
image_for() { told "$2" services "$1" image; }
image_of() { docker inspect -f '{{.Config.Image}}' "$1"; }
is_here() { docker image inspect "$1" >/dev/null 2>&1; }
# Whether a container has that image, by its name, too: Compose would replace one that has it under another.
runs() { [ "$(docker inspect -f '{{.Config.Image}} {{.Image}}' "$1")" = "$2 $(docker image inspect -f '{{.Id}}' "$2" 2>/dev/null)" ]; }
version_of() { image_of "$1" | sed 's/.*://'; }
service_of() { docker inspect -f '{{index .Config.Labels "com.docker.compose.service"}}' "$1"; }
name_of() { docker inspect -f '{{.Name}}' "$1" | cut -c 2-; }
is_in() { docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' "$1" | grep -qxF -- "$2"; }

# Writes the version into the file that Compose reads.
note_version() {
  if [ "$dry" ]; then return; fi
  [ -e "$env_file" ] || : >"$env_file"
  file=$(readlink -f "$env_file")
  cp -p "$file" "$file.new"
  { grep -v '^TRUSTY_VERSION=' "$file" || [ $? -eq 1 ]; } >"$file.new"
  echo "TRUSTY_VERSION=$1" >>"$file.new"
  mv "$file.new" "$file"
}

# The container that is one too many just now: a new one until it has its place, from then on the old one. In a file, for the next update where
# this one is killed.
note_surplus() { printf '%s\n' "$1" >"$surplus.new" && mv "$surplus.new" "$surplus"; }

remove_surplus() {
  [ -s "$surplus" ] || return 0
  id=$(cat "$surplus")
  there=$(docker ps -aq --no-trunc --filter "id=$id") || return 1
  if [ "$there" ]; then
    alive=$(compose ps -q "$(service_of "$id")") || return 1
    # Where somebody has ended the other one meanwhile, it is needed.
    if [ "$alive" != "$there" ]; then docker stop "$id" >/dev/null && docker rm "$id" >/dev/null || return 1; fi
  fi
  rm "$surplus"
}

# roll SERVICE VERSION [IDS]: replaces containers whose image is not that of VERSION, and those of IDS. Where it fails, `fault` says how.
roll() {
  service=$1 version=$2 others=${3-}
  fault="Docker does not answer"
  front=
  [ "$service" != api ] || front=$(told "$version" networks front name) || return 1
  image=$(image_for "$service" "$version") || return 1
  [ "$dry" ] || is_here "$image" || { fault="there is no image $image here" && return 1; }
  if [ -z "$dry" ]; then
    for each in $(compose ps -aq --status created "$service"); do docker rm "$each" >/dev/null || return 1; done
  fi
  members=$(compose ps -q "$service") || return 1
  for old in $members; do
    [ "$dry" ] || enter "$old" || return 1
    if runs "$old" "$image"; then
      case " $others " in *" $old "*) ;; *) continue ;; esac
    fi
    replace || return 1
  done
}

# Lets the ingress find it.
enter() { [ -z "$front" ] || is_in "$1" "$front" || docker network connect --alias "$service" "$front" "$1"; }

replace() {
  if [ "$dry" ]; then
    say "would replace $(name_of "$old") ($(image_of "$old")) by version $version"
    return
  fi
  before=$(compose ps -aq "$service") || return 1
  count=$(printf '%s\n' "$before" | wc -l)
  say "starting one more $service, of version $version"
  fault="no new $service could be made"
  more_of "$version" --no-start --scale "$service=$((count + 1))" "$service" || return 1
  after=$(compose ps -aq "$service") || return 1
  new=$(printf '%s\n' "$after" | grep -vxF -- "$before") || return 1
  note_surplus "$new" || return 1
  fault="the new $service did not become healthy"
  if ! begin; then
    docker rm -f "$new" >/dev/null && rm "$surplus"
    return 1
  fi
  fault="the old $service does not leave"
  note_surplus "$old" || return 1
  say "$(name_of "$new") is healthy; $(name_of "$old") leaves"
  remove_surplus
}

begin() {
  if [ "$front" ] && is_in "$new" "$front"; then docker network disconnect "$front" "$new" || return 1; fi
  docker start "$new" >/dev/null || return 1
  if ! healthy "$new"; then
    say "the new $service does not become healthy; its last words:"
    docker logs --tail 20 "$new" >&2 || true
    return 1
  fi
  enter "$new"
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
