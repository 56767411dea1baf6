# Sets docker_missing to why the Docker part cannot be run, or to nothing. Where no engine runs, a program beside the checkout may start
# one and make stand-ins of the public images that the files of docker/ name.
images=../shared/tools/offline-images.sh
docker_missing=
if [ -x "$images" ]; then
  made=$(mktemp)
  {
    "$images" engine && "$images" base trixie &&
      grep -rhoE '\b(node|redis|postgres|clamav/clamav):[0-9][0-9A-Za-z._-]*' docker | sort -u | while IFS=: read -r name tag; do
        case $name in
          node) "$images" node "$tag" "${tag%%-*}" ;;
          *) "$images" "${name##*/}" "$tag" ;;
        esac
      done
  } >"$made" 2>&1 </dev/null || { docker_missing="$images failed: $(tail -n 1 "$made")"; }
  rm -f "$made"
fi
if [ -z "$docker_missing" ] && ! docker compose version >/dev/null 2>&1; then docker_missing="no Docker with Compose is installed"; fi
if [ -z "$docker_missing" ] && ! docker info >/dev/null 2>&1; then docker_missing="no Docker engine runs"; fi
