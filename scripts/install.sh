#!/bin/sh
# Installs what TrustyConvert needs and is missing: Debian packages, npm packages (Node 24 among them), UnoServer.
# Plain sh, because it runs before the right Node is there. Says what it is about to do; does and says nothing when all is there.
#   sh scripts/install.sh [--test|--npm]     --test adds what only the tests need; --npm installs npm packages and nothing else
set -eu
cd "$(dirname "$0")/.."

packages="libreoffice-writer libreoffice-calc libreoffice-impress libreoffice-draw python3-uno python3-venv
  poppler-utils qpdf clamav-daemon redis-server bubblewrap util-linux
  fontconfig fonts-dejavu-core fonts-liberation fonts-crosextra-carlito fonts-crosextra-caladea"
[ "${1:-}" = --test ] && packages="$packages postgresql caddy openssl"
command -v npm >/dev/null || packages="$packages nodejs npm"
unoserver=3.7
msoffcrypto=6.1.0

say() { printf 'install: %s\n' "$*" >&2; }
mkdir -p .trusty/logs
log=.trusty/logs/install.log
quietly() { "$@" >>"$log" 2>&1 || { say "failed: $*"; tail -n 20 "$log" >&2; exit 1; }; }

# One at a time: two terminals, one folder.
if command -v flock >/dev/null; then exec 9>.trusty/install.lock; flock 9; fi

if [ "${1:-}" = --npm ]; then :
elif command -v dpkg-query >/dev/null; then
  # shellcheck disable=SC2086 # a list of words
  present=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $packages 2>/dev/null | sed -n 's/ installed$//p') || true
  missing=
  for package in $packages; do
    case "
$present
" in *"
$package
"*) ;; *) missing="$missing $package" ;; esac
  done
  if [ -n "$missing" ]; then
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    say "installing Debian packages (minutes the first time; log: $log):$missing"
    if ! $as_root true; then
      say "that needs root. Somebody who is root may do it: apt-get install --no-install-recommends$missing"
      exit 1
    fi
    # The packages bring services of their own, which are not used here: keep them from starting while they are installed.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap '$as_root rm -f "$policy"' EXIT
      trap 'exit 130' INT TERM
      printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
      $as_root chmod 755 "$policy"
    fi
    quietly $as_root apt-get update -qq
    # shellcheck disable=SC2086
    quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
  fi
else
  say "this is no Debian or Ubuntu; the equivalents of these packages must be there:" $packages
fi

# `npm install --no-save` takes exactly what the lock file says, as `npm ci` does, but it keeps what already fits, and it accepts
# a lock file that was written without the optional packages of other platforms.
lock=$(sha256sum package-lock.json)
if [ "$lock" != "$(cat node_modules/.installed 2>/dev/null)" ] || [ ! -x node_modules/.bin/node ]; then
  say "installing npm packages (log: $log)"
  running=$(node --version 2>/dev/null) || running=
  npm_install() { quietly npm install --no-save --no-audit --no-fund --loglevel=error </dev/null; }
  npm_install
  # npm leaves out an optional package that wants a newer Node than the one it runs in, as sharp's program does on Debian 12.
  if [ "$running" != "$(node_modules/.bin/node --version)" ]; then PATH=$PWD/node_modules/.bin:$PATH npm_install; fi
  printf '%s\n' "$lock" >node_modules/.installed
fi

[ "${1:-}" = --npm ] && exit 0

tool=.trusty/tools/unoserver
if [ "$unoserver $msoffcrypto" != "$(cat $tool/.installed 2>/dev/null)" ]; then
  say "installing UnoServer $unoserver and msoffcrypto-tool $msoffcrypto"
  rm -rf "$tool"
  # The system's Python, because LibreOffice's Python bindings belong to it.
  quietly /usr/bin/python3 -m venv --system-site-packages "$tool"
  quietly "$tool/bin/pip" install --quiet --disable-pip-version-check "unoserver==$unoserver" "msoffcrypto-tool==$msoffcrypto"
  printf '%s\n' "$unoserver $msoffcrypto" >"$tool/.installed"
fi
