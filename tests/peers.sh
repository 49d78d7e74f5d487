#!/usr/bin/env bash
# Feedscope and its demo server against other people's software.
#   tests/peers.sh clients         npm's `eventsource` and `ws`, curl and websocat read the demo server, faults and all
#   tests/peers.sh event-streams   a server on raw sockets says what the HTML standard has a rule for; Feedscope reads it
#   tests/peers.sh web-sockets     another botches handshakes, frames and closes; Feedscope says what is wrong and ends
#   tests/peers.sh nginx           feeds read through nginx (TLS, HTTP/1.1, HTTP/2) are what they are without it
#   tests/peers.sh soak [SECONDS]  servers that drop their client every 0.3 s: nothing lost, nothing twice, nothing leaked
#   tests/peers.sh attack [COUNT]  hostile clients of the demo server, a few of each kind or COUNT: nothing of them is left
#   tests/peers.sh recordings [SECONDS]  recordings are killed at random moments; other software reads what `serve` plays
#   tests/peers.sh saved-messages [SECONDS]  connections to Socket.IO and SignalR, kept up by saved messages alone
#   tests/peers.sh curl-lines      command lines of curl: Feedscope sends the same requests, and writes the lines again
#   tests/peers.sh keyring         secrets from GNOME's keyring, and the reasons why there is none
#   tests/peers.sh formats         DuckDB, Polars, MCAP's library, har-validator, Chromium and Playwright read what `convert` writes
#   tests/peers.sh lenses [SECONDS]  frames of Socket.IO, GraphQL, SignalR (aiosignalr too), Phoenix and RabbitMQ, named and paired, and kept up with --keep
#   tests/peers.sh models          answers of language models, put together by the vendors' own libraries and by Feedscope
#   tests/peers.sh autobahn [SECTION]...   the Autobahn test suite: 1 to 7 and 10 take seconds, all of it much longer
# npm's packages come into a folder that goes with the run. websocat, nginx and the Autobahn test suite are kept in the target
# folder, from where they are on the path of nobody; FEEDSCOPE_NO_INSTALL=1 leaves out those that are not there yet.
# Ends with status 77 where something is missing that cannot be had; the last line says what.
set -euo pipefail
cd "$(dirname "$0")/.."

left_out() { echo "peers.sh: left out, $*"; exit 77; }
has_command() { command -v "$1" >/dev/null; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

# Both programs. The whole workspace with an example has the features of the dependencies that the tests have, so that
# nothing is built twice.
build() {
  cargo build --workspace --bins --example flood --features feedscope/inspection \
    --message-format json-render-diagnostics >"$work/build.jsonl"
  program() { sed -n "s|.*\"executable\":\"\([^\"]*/$1\)\".*|\1|p" "$work/build.jsonl" | tail -n 1; }
  FEEDSCOPE=$(program feedscope)
  FEEDSCOPE_DEMO=$(program demo-server)
  export FEEDSCOPE FEEDSCOPE_DEMO
}

# --- clients ---------------------------------------------------------------------------------------------------

# What the registry was asked for and did not give is its affair; a lock file that does not fit is ours.
npm_packages() {
  local log=$work/npm.log
  cp -r tests/peers/package.json tests/peers/package-lock.json tests/peers/demo tests/peers/saved_messages tests/peers/lenses "$work/"
  timeout 300 npm ci --prefix "$work" --no-audit --no-fund --loglevel=error >"$log" 2>&1 && return
  cat "$log"
  grep -qE 'EINTEGRITY|EUSAGE|EJSONPARSE' "$log" && exit 1
  left_out 'npm could not get the packages'
}

# The path of websocat, built where that is allowed. Without it two tests say that they are left out, the rest runs.
find_websocat() {
  local version=1.14.1 root=$target/peers
  command -v websocat && return
  if [[ ! -x $root/bin/websocat && -z ${FEEDSCOPE_NO_INSTALL:-} ]]; then
    echo "peers.sh: building websocat $version, once" >&2
    timeout 900 cargo install websocat --version "$version" --locked --no-default-features \
      --features signal_handler,seqpacket --root "$root" --target-dir "$root/build" >"$work/websocat.log" 2>&1 ||
      tail -n 5 "$work/websocat.log" >&2
    rm -rf "$root/build"
  fi
  echo "$root/bin/websocat"
}

with_node() {
  for tool in node npm curl; do
    has_command $tool || left_out "$tool is missing: apt-get install nodejs npm curl"
  done
  (($(node --print 'process.versions.node.split(".")[0]') >= 20)) || left_out "node $(node --version) is too old: 20 or newer"
  npm_packages
}

clients() {
  with_node
  build
  FEEDSCOPE_WEBSOCAT=$(find_websocat)
  export FEEDSCOPE_WEBSOCAT
  node --test --test-reporter spec "$work"/demo/*.test.js
}

# --- servers in Python ------------------------------------------------------------------------------------------

with_python() {
  has_command python3 || left_out 'python3 is missing: apt-get install python3'
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' || left_out "$(python3 --version) is too old: 3.9 or newer"
  build
  PYTHONDONTWRITEBYTECODE=1 python3 "tests/peers/$1/run.py" "${@:2}"
}

# nginx from Debian's package, unpacked rather than installed: installing it would start a server on port 80.
find_nginx() {
  local root=$target/peers/nginx
  PATH=$PATH:/usr/sbin:/sbin:$root/usr/sbin
  has_command nginx && return
  [[ -z ${FEEDSCOPE_NO_INSTALL:-} ]] && has_command apt-get || left_out 'nginx is missing: apt-get install nginx-light'
  mkdir -p "$root"
  (cd "$root" && apt-get -q download nginx && dpkg --extract nginx_*.deb . && rm nginx_*.deb) >"$work/nginx.log" 2>&1 ||
    { cat "$work/nginx.log"; left_out 'nginx could not be fetched: apt-get install nginx-light'; }
  nginx -v || left_out 'nginx does not run as unpacked: apt-get install nginx-light'
}

nginx_before_feeds() {
  find_nginx
  has_command openssl || left_out 'openssl is missing: apt-get install openssl'
  with_python nginx
}

# The servers are Node's, what is asked of them is Python's.
saved_messages() {
  with_node
  export NODE_SERVER=$work/saved_messages/server.js
  with_python saved_messages "$@"
}

lenses() {
  with_node
  export NODE_SERVER=$work/lenses/server.js STOMP_PORT='' HUB_PYTHON=''
  if find_rabbitmq; then start_rabbitmq; fi
  if find_hub; then HUB_PYTHON=$target/peers/hub/bin/python; fi
  with_python lenses "$@"
}

# A hub of SignalR from PyPI. Fails where it cannot be had, such as with a Python before 3.11, and the rest runs.
find_hub() {
  local root=$target/peers/hub wanted=tests/peers/lenses/requirements.txt
  cmp -s "$wanted" "$root/complete" && return
  [[ -z ${FEEDSCOPE_NO_INSTALL:-} ]] && has_command python3 || return 1
  rm -rf "$root"
  { python3 -m venv "$root" && "$root/bin/pip" install -q -r "$wanted"; } >"$work/hub.log" 2>&1 || return 1
  cp "$wanted" "$root/complete"
}

# RabbitMQ and Erlang from Debian's packages, unpacked rather than installed. Fails where they cannot be had, and the rest runs.
find_rabbitmq() {
  local root=$target/peers/rabbitmq erlang packages=(rabbitmq-server libsctp1)
  [[ -e $root/complete ]] && return
  [[ -z ${FEEDSCOPE_NO_INSTALL:-} ]] && has_command apt-get || return 1
  for part in base asn1 crypto eldap ftp inets mnesia os-mon parsetools public-key runtime-tools ssl syntax-tools tftp tools xmerl; do
    packages+=("erlang-$part")
  done
  rm -rf "$root"
  mkdir -p "$root" "$work/rabbitmq"
  (cd "$work/rabbitmq" && apt-get -q download "${packages[@]}") >"$work/rabbitmq.log" 2>&1 || { tail -n 3 "$work/rabbitmq.log" >&2; return 1; }
  for package in "$work"/rabbitmq/*.deb; do dpkg --extract "$package" "$root" || return 1; done
  # The scripts of Erlang name the folder in which the package installs it.
  erlang=$root/usr/lib/erlang
  sed -i "s|ROOTDIR=/usr/lib/erlang|ROOTDIR=$erlang|" "$erlang"/bin/erl "$erlang"/bin/start
  touch "$root/complete"
}

# Starts RabbitMQ with web-stomp on a free port of loopback, and waits until it listens. It ends with the script.
start_rabbitmq() {
  local root=$target/peers/rabbitmq folder=$work/rabbitmq.run ports home
  read -ra ports < <(python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(one.getsockname()[1] for one in held))')
  mkdir -p "$folder"
  printf '%s\n' 'listeners.tcp = none' 'stomp.listeners.tcp = none' 'web_stomp.tcp.ip = 127.0.0.1' \
    "web_stomp.tcp.port = ${ports[0]}" 'stomp.default_user = guest' 'stomp.default_pass = guest' >"$folder/rabbitmq.conf"
  echo '[rabbitmq_web_stomp].' >"$folder/plugins"
  touch "$folder/environment"
  home=$(echo "$root"/usr/lib/rabbitmq/lib/rabbitmq_server-*)
  (
    export ERL_ROOTDIR=$root/usr/lib/erlang HOME=$folder LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu
    export PATH=$ERL_ROOTDIR/bin:$PATH ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=${ports[1]}
    export RABBITMQ_HOME=$home RABBITMQ_PLUGINS_DIR=$home/plugins RABBITMQ_CONF_ENV_FILE=$folder/environment RABBITMQ_LOGS=-
    export RABBITMQ_NODENAME=peers@localhost RABBITMQ_DIST_PORT=${ports[2]} RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf
    export RABBITMQ_MNESIA_BASE=$folder/data RABBITMQ_LOG_BASE=$folder RABBITMQ_ENABLED_PLUGINS_FILE=$folder/plugins
    "$ERL_ROOTDIR"/erts-*/bin/epmd &
    echo $! >"$folder/epmd.pid"
    echo $BASHPID >"$folder/server.pid"
    exec "$home/sbin/rabbitmq-server"
  ) >"$folder/log" 2>&1 &
  trap 'kill $(cat "$work"/rabbitmq.run/*.pid) 2>/dev/null; wait; rm -rf "$work"' EXIT
  for _ in {1..120}; do
    grep -q 'Server startup complete' "$folder/log" && { STOMP_PORT=${ports[0]}; return; }
    sleep 0.5
  done
  tail -n 3 "$folder/log" >&2
}

keyring() {
  for tool in dbus-run-session gnome-keyring-daemon secret-tool; do
    has_command $tool || left_out "$tool is missing: apt-get install dbus-daemon gnome-keyring libsecret-tools"
  done
  with_python keyring
}

attack() {
  [[ -e /proc/self/clear_refs ]] || left_out 'this system does not show the memory of a process, as /proc does on Linux'
  with_python attack "$@"
}

# The Autobahn test suite is written in Python 2: that comes from the last Debian that had it, the packages from PyPI.
# Nothing of it is installed; a folder gets the interpreter, the libraries that it wants, and the packages.
make_autobahn_suite() {
  local root=$1 keys=/usr/share/keyrings/debian-archive-keyring.gpg apt
  has_command apt-get && [[ -e $keys && $(dpkg --print-architecture) == amd64 ]] || { echo 'this is no Debian on amd64'; return 1; }
  python3 -m pip --version || return 1
  mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/packages" "$root/packages" || return 1
  touch "$work/apt/status"
  echo "deb [signed-by=$keys] http://deb.debian.org/debian bullseye main" >"$work/apt/sources.list"
  apt=(-o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$work/apt"
    -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt")
  apt-get -q "${apt[@]}" update || return 1
  (cd "$work/packages" && apt-get -q "${apt[@]}" download python2.7-minimal libpython2.7-minimal libpython2.7-stdlib libssl1.1) || return 1
  for package in "$work"/packages/*.deb; do dpkg --extract "$package" "$root" || return 1; done
  ln -s usr/lib/x86_64-linux-gnu "$root/lib"
  local wheels=(--dest "$work/packages" --no-deps)
  python3 -m pip -q download "${wheels[@]}" --only-binary :all: --implementation cp --python-version 2.7 --abi cp27mu --abi none \
    --platform manylinux1_x86_64 --platform manylinux2010_x86_64 --platform any -r tests/peers/autobahn/requirements.txt || return 1
  python3 -m pip -q download "${wheels[@]}" --no-binary autobahn autobahn==0.10.9 || return 1
  for package in "$work"/packages/*.whl; do python3 -m zipfile -e "$package" "$root/packages" || return 1; done
  tar -xzf "$work"/packages/autobahn-0.10.9.tar.gz -C "$root/packages" --strip-components 1 --wildcards '*/autobahn/*' '*/twisted/*'
}

autobahn() {
  local root=$target/peers/autobahn
  if [[ ! -e $root/complete ]]; then
    [[ -z ${FEEDSCOPE_NO_INSTALL:-} ]] || left_out 'the Autobahn test suite is not there, and nothing may be fetched'
    rm -rf "$root"
    make_autobahn_suite "$root" >"$work/autobahn.log" 2>&1 ||
      { tail -n 5 "$work/autobahn.log"; left_out 'the Autobahn test suite, or the Python 2.7 that it wants, could not be fetched'; }
    touch "$root/complete"
  fi
  export AUTOBAHN=$root
  with_python autobahn "$@"
}

# --- readers of converted files ---------------------------------------------------------------------------------

# Python's packages are kept in the target folder, and npm's come into a folder that goes with the run.
formats() {
  local root=$target/peers/formats log=$work/formats.log
  for tool in python3 node npm; do
    has_command $tool || left_out "$tool is missing: apt-get install python3 python3-venv nodejs npm"
  done
  if [[ ! -e $root/complete ]]; then
    [[ -z ${FEEDSCOPE_NO_INSTALL:-} ]] || left_out 'the packages of Python are not there, and nothing may be fetched'
    rm -rf "$root"
    python3 -m venv "$root" >"$log" 2>&1 &&
      timeout 600 "$root/bin/pip" install -q -r tests/peers/formats/requirements.txt >>"$log" 2>&1 ||
      { tail -n 5 "$log"; left_out 'pip could not get duckdb, polars and mcap'; }
    touch "$root/complete"
  fi
  mkdir "$work/formats"
  cp tests/peers/formats/*.mjs tests/peers/formats/package*.json "$work/formats/"
  if ! timeout 300 npm ci --prefix "$work/formats" --no-audit --no-fund --loglevel=error >"$log" 2>&1; then
    cat "$log"
    grep -qE 'EINTEGRITY|EUSAGE|EJSONPARSE' "$log" && exit 1
    left_out 'npm could not get the packages'
  fi
  build
  FEEDSCOPE_NODE=$work/formats PYTHONDONTWRITEBYTECODE=1 "$root/bin/python" tests/peers/formats/run.py
}

# The vendors' libraries in an environment of their own, kept in the target folder.
models() {
  local root=$target/peers/models wanted=tests/peers/models/requirements.txt
  has_command python3 || left_out 'python3 is missing: apt-get install python3 python3-venv'
  if ! cmp -s "$wanted" "$root/complete"; then
    [[ -z ${FEEDSCOPE_NO_INSTALL:-} ]] || left_out "the vendors' libraries are not there, and nothing may be fetched"
    rm -rf "$root"
    { python3 -m venv "$root" && "$root/bin/pip" install -q -r "$wanted"; } >"$work/pip.log" 2>&1 ||
      { tail -n 5 "$work/pip.log"; left_out "the vendors' libraries could not be installed from PyPI"; }
    cp "$wanted" "$root/complete"
  fi
  build
  PYTHONDONTWRITEBYTECODE=1 "$root/bin/python" tests/peers/models/run.py
}

# ---------------------------------------------------------------------------------------------------------------

case ${1:-} in
  clients) clients ;;
  event-streams) with_python event_streams ;;
  web-sockets) with_python web_sockets ;;
  nginx) nginx_before_feeds ;;
  soak) with_python soak "${@:2}" ;;
  recordings) has_command curl || left_out 'curl is missing: apt-get install curl'; with_python recordings "${@:2}" ;;
  saved-messages) saved_messages "${@:2}" ;;
  curl-lines) has_command curl || left_out 'curl is missing: apt-get install curl'; with_python curl_lines ;;
  keyring) keyring ;;
  formats) formats ;;
  attack) attack "${@:2}" ;;
  autobahn) autobahn "${@:2}" ;;
  lenses) lenses "${@:2}" ;;
  models) models ;;
  *) sed -n '2,18s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
echo "peers.sh: $1 passed"
