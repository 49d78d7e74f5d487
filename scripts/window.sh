#!/usr/bin/env bash
# Runs a desktop program on a private, invisible X screen, takes pictures of it and sends input to it.
#   window.sh shot OUT.png -- CMD…     start CMD, wait until its window has painted, save a PNG
#   window.sh drive SCRIPT -- CMD…     start CMD, then run SCRIPT (a file, or - for standard input)
#   window.sh run -- CMD…              run CMD on the screen (benches, tests); exit with CMD's status
# SCRIPT: one command in each line, # for comments. X Y are pixels from the window's top left corner.
#   wait SECS | settle [SECS]          pause | pause until the picture does not change (5 s at most)
#   click X Y [BUTTON] | dclick X Y | move X Y | drag X1 Y1 X2 Y2
#   press X Y MS [BUTTON]              as a hand clicks: down, MS milliseconds later up
#   type TEXT… | key ctrl+f [KEY…]     as from a keyboard: ASCII only; xdotool's names of keys
#   scroll up|down|left|right N [X Y]  N wheel notches, at X Y or where the pointer is
#   resize W H | window TITLE          change the window's size | go on with another window
#   shot FILE | screen FILE            the window | the whole screen; FILE ends in .png or .bmp
#   expect-title TEXT | expect-log TEXT | expect-exit [STATUS [SECS]]   wait up to 10 s, or fail
#   expect-size W H                    wait up to 10 s until the window has this size, or fail
#   click-on LABEL | expect-label TEXT | expect-labels N TEXT | tree FILE   by widget, not pixel: CMD is
#                                      built with the feature `inspection` (see tree.py; needs python3)
# Settings: WINDOW_SCREEN=1280x800x24  WINDOW_WAIT=30 (seconds for the window to appear)
#   WINDOW_LOG=FILE (keep CMD's output)  WINDOW_FAIL=FILE.png (picture when a line fails)
# There is no window manager. The window is at 0,0 without a frame, at scale 1, so that pixels are points.
# Every process it started is ended by its ID, also on Ctrl-C. If this script is killed, the kernel ends the
# X server and CMD.
set -uo pipefail

say() { echo "window.sh: $*" >&2; }
usage() { sed -n '2,25s/^# \{0,1\}//p' "$0" >&2; exit 2; }

mode=${1:-}
shift || usage
case $mode in
  shot | drive)
    target=${1:-}
    [[ -n $target && $target != -- ]] || usage
    shift
    ;;
  run) ;;
  *) usage ;;
esac
[[ ${1:-} == -- && $# -ge 2 ]] || usage
shift
for tool in Xvfb xdotool maim setpriv setsid; do
  command -v "$tool" >/dev/null || { say "$tool is missing: scripts/test installs it"; exit 2; }
done

tmp=$(mktemp -d) xpid='' app='' wid=''
log=${WINDOW_LOG:-$tmp/app.log}

alive() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }
cleanup() {
  trap '' INT TERM HUP
  if [[ -n $app ]] && kill -0 -- "-$app" 2>/dev/null; then # the program and its children
    kill -TERM -- "-$app" 2>/dev/null
    for _ in {1..20}; do kill -0 -- "-$app" 2>/dev/null || break; sleep 0.05; done
    kill -KILL -- "-$app" 2>/dev/null
  fi
  if alive "$xpid"; then
    kill -TERM "$xpid"
    for _ in {1..40}; do alive "$xpid" || break; sleep 0.05; done
    alive "$xpid" && kill -KILL "$xpid"
  fi
  wait 2>/dev/null
  rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
mkfifo "$tmp/never"
exec 9<>"$tmp/never"
nap() { read -rt "$1" -u 9 _; return 0; } # a sleep that a signal can break and that leaves no process

die() {
  say "$*"
  if [[ -n ${WINDOW_FAIL:-} && -n $xpid ]]; then maim -u "$WINDOW_FAIL" 2>/dev/null && say "picture: $WINDOW_FAIL"; fi
  [[ -s $log ]] && { say "last output of the program:"; tail -n 30 "$log" | sed 's/^/  | /' >&2; }
  exit 1
}

# --- the X server, on whatever display number is free ----------------------------------------------------------
setpriv --pdeathsig KILL Xvfb -displayfd 3 -screen 0 "${WINDOW_SCREEN:-1280x800x24}" \
  -nolisten tcp -noreset 3>"$tmp/number" >/dev/null 2>"$tmp/xlog" &
xpid=$!
for _ in {1..200}; do
  [[ -s $tmp/number ]] && break
  alive "$xpid" || { cat "$tmp/xlog" >&2; xpid=''; die "Xvfb did not start"; }
  sleep 0.05
done
[[ -s $tmp/number ]] || die "Xvfb gave no display number"
DISPLAY=":$(tr -d '[:space:]' <"$tmp/number")"
export DISPLAY
unset WAYLAND_DISPLAY WAYLAND_SOCKET # winit would prefer them
export LIBGL_ALWAYS_SOFTWARE=1       # the same pixels on a machine with a GPU
# Each display has a port of its own. Only programs with the feature `inspection` use it.
export EGUI_INSPECTION=${EGUI_INSPECTION:-127.0.0.1:$((5800 + ${DISPLAY#:}))}

if [[ $mode == run ]]; then
  setpriv --pdeathsig KILL setsid "$@" &
  app=$!
  wait "$app"
  exit $?
fi

setpriv --pdeathsig KILL setsid "$@" >"$log" 2>&1 </dev/null &
app=$!

# --- its window ------------------------------------------------------------------------------------------------
gone() { ! alive "$app"; }
find_window() { # newest visible window whose title has $1 in it (any title if empty)
  local window title best=''
  for window in $(xdotool search --onlyvisible --name '.' 2>/dev/null); do
    title=$(xdotool getwindowname "$window" 2>/dev/null) || continue
    [[ $title == *"${1:-}"* ]] && best=$window
  done
  [[ -n $best ]] && wid=$best
}
await_window() {
  local end=$((SECONDS + ${WINDOW_WAIT:-30}))
  until find_window "${1:-}"; do
    gone && { wait "$app"; die "the program ended (status $?) before it showed a window"; }
    ((SECONDS < end)) || die "no window${1:+ titled \"$1\"} within ${WINDOW_WAIT:-30} s"
    nap 0.05
  done
  xdotool windowfocus "$wid" 2>/dev/null
  nap 0.05
}
picture() { maim -u -i "$wid" "$1" 2>/dev/null; }
size() { # prints "W H"
  local geometry; geometry=$(xdotool getwindowgeometry --shell "$wid" 2>/dev/null)
  [[ $geometry =~ WIDTH=([0-9]+).*HEIGHT=([0-9]+) ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
}
blank() { # a picture of one color compresses to almost nothing
  local width height
  read -r width height < <(size)
  (($(stat -c %s "$1") < 400 + ${width:-0} * ${height:-0} / 250))
}
settle() { # until two pictures 0.1 s apart are the same and not blank
  local end=$((SECONDS + ${1:-5})) a=$tmp/a.png b=$tmp/b.png
  picture "$a" || return 0
  while ((SECONDS < end)); do
    nap 0.1
    picture "$b" || return 0
    cmp -s "$a" "$b" && ! blank "$b" && return 0
    mv "$b" "$a"
  done
  blank "$a" && say "note: the window is still blank"
  return 0
}
within() { # within SECS CHECK…: the check holds before the time is over
  local end=$((SECONDS + $1))
  shift
  until "$@"; do ((SECONDS < end)) || return 1; nap 0.05; done
}

await_window
settle

if [[ $mode == shot ]]; then
  mkdir -p "$(dirname "$target")"
  picture "$target" || die "could not take the picture"
  exit 0
fi

# --- the script ------------------------------------------------------------------------------------------------
here=$(dirname "$0")
at() {
  [[ $1 =~ ^-?[0-9]+$ && $2 =~ ^-?[0-9]+$ ]] || die "line $n: want numbers: $line"
  xdotool mousemove --window "$wid" "$1" "$2" && nap 0.04
}
title_has() { [[ $(xdotool getwindowname "$wid" 2>/dev/null) == *"$1"* ]]; }
size_is() { [[ $(size) == "$1 $2" ]]; }
tree() { python3 "$here/tree.py" "$EGUI_INSPECTION" "$@" 2>/dev/null; }
tree_has() { spot=$(tree --find "$1"); }
tree_counts() { (($(tree | grep -cF -- "$2") >= $1)); }
log_has() { grep -qF -- "$1" "$log"; }
wheel() {
  case $1 in up) echo 4 ;; down) echo 5 ;; left) echo 6 ;; right) echo 7 ;; *) return 1 ;; esac
}
obey() {
  local cmd=$1 rest=$2 spot button status
  local -a a
  read -ra a <<<"$rest"
  case $cmd in
    wait) nap "${a[0]:?}" ;;
    settle) settle "${a[0]:-5}" ;;
    move) at "${a[0]:-}" "${a[1]:-}" ;;
    click) at "${a[0]:-}" "${a[1]:-}"; xdotool click "${a[2]:-1}" ;;
    press)
      at "${a[0]:-}" "${a[1]:-}"
      [[ ${a[2]:-} =~ ^[0-9]+$ ]] || die "line $n: want milliseconds: $line"
      xdotool mousedown "${a[3]:-1}"; nap "$((a[2] / 1000)).$(printf %03d $((a[2] % 1000)))"; xdotool mouseup "${a[3]:-1}"
      ;;
    dclick) at "${a[0]:-}" "${a[1]:-}"; xdotool click --repeat 2 --delay 60 1 ;;
    drag)
      at "${a[0]:-}" "${a[1]:-}"; xdotool mousedown 1; nap 0.05
      at $(((a[0] + a[2]) / 2)) $(((a[1] + a[3]) / 2)); at "${a[2]}" "${a[3]}"; xdotool mouseup 1
      ;;
    type) # winit does not see the key maps that xdotool installs for characters without a key
      [[ $rest != *[!\ -~]* ]] || die "line $n: type knows plain ASCII only: $line"
      xdotool type --delay 20 -- "$rest"
      ;;
    key) xdotool key --delay 20 -- "${a[@]}" ;;
    scroll)
      [[ -n ${a[3]:-} ]] && at "${a[2]}" "${a[3]}"
      button=$(wheel "${a[0]:-}") || die "line $n: scroll where? $line"
      xdotool click --repeat "${a[1]:-1}" --delay 15 "$button"
      ;;
    resize) xdotool windowsize "$wid" "${a[0]:?}" "${a[1]:?}" && nap 0.1 ;;
    window) await_window "$rest" ;;
    shot) mkdir -p "$(dirname "$rest")"; settle 3; picture "$rest" ;;
    screen) mkdir -p "$(dirname "$rest")"; maim -u "$rest" ;;
    click-on)
      within 10 tree_has "$rest" || die "line $n: no widget labeled $rest"
      obey click "$spot"
      ;;
    expect-label) within 10 tree_has "$rest" || die "line $n: no widget labeled $rest" ;;
    expect-labels)
      rest=${rest#"${a[0]:?}"}
      within 10 tree_counts "${a[0]}" "${rest# }" || die "line $n: fewer than ${a[0]} widgets labeled ${rest# }"
      ;;
    tree) tree >"$rest" ;;
    expect-title) within 10 title_has "$rest" || die "line $n: the title is not \"$rest\" but \"$(xdotool getwindowname "$wid" 2>/dev/null)\"" ;;
    expect-size) within 10 size_is "${a[0]:?}" "${a[1]:?}" || die "line $n: the size is not $rest but $(size)" ;;
    expect-log) within 10 log_has "$rest" || die "line $n: never printed: $rest" ;;
    expect-exit)
      within "${a[1]:-10}" gone || die "line $n: the program is still running"
      wait "$app"; status=$?
      [[ $status == "${a[0]:-0}" ]] || die "line $n: ended with status $status, not ${a[0]:-0}"
      ;;
    *) die "line $n: no such command: $cmd" ;;
  esac
}

[[ $target == - ]] && target=/dev/stdin
mapfile -t lines <"$target" || die "cannot read $target"
n=0
for line in "${lines[@]}"; do
  n=$((n + 1))
  line=${line#"${line%%[![:space:]]*}"}
  line=${line%$'\r'}
  [[ -z $line || $line == \#* ]] && continue
  cmd=${line%%[[:space:]]*} rest=${line#"${line%%[[:space:]]*}"}
  rest=${rest# }
  [[ $cmd == expect-exit ]] || ! gone || { wait "$app"; die "line $n: the program has ended (status $?): $line"; }
  obey "$cmd" "$rest" || die "line $n failed: $line"
done
exit 0
