#!/usr/bin/env bash
# The real window on an invisible screen: it opens, paints, takes typing, survives 640 by 480, closes by itself.
# Needs what scripts/test installs; ends with status 77 where that is missing. FEEDSCOPE_PICTURES=FOLDER keeps the pictures.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in Xvfb xdotool maim python3 setpriv; do
  command -v "$tool" >/dev/null || { echo "real_window.sh: left out, $tool is missing: scripts/test installs it"; exit 77; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pictures=${FEEDSCOPE_PICTURES:-$work/pictures}
mkdir -p "$pictures"

# `inspection` lets the script find widgets by their names. The whole workspace with an example has the features of the
# dependencies that the tests have, so that nothing is built twice.
cargo build --workspace --bins --example flood --features feedscope/inspection \
  --message-format json-render-diagnostics >"$work/build.jsonl"
app=$(python3 - "$work/build.jsonl" <<'PYTHON'
import json, sys
messages = map(json.loads, open(sys.argv[1]))
print([m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "feedscope"][-1])
PYTHON
)

# Settings of its own, so that neither run meets what another left behind.
alone() {
  local home=$work/home-$1
  shift
  mkdir -p "$home"
  env HOME="$home" XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data" XDG_STATE_HOME="$home/state" \
    XDG_CACHE_HOME="$home/cache" "$@"
}

fail() { echo "real_window.sh: $*" >&2; exit 1; }

# picture FILE WIDTH HEIGHT: a PNG of that size in which something is drawn. A blank one has one row, again and again.
picture() {
  python3 - "$@" <<'PYTHON' || fail "$1 is not the picture of a window"
import struct, sys, zlib
file, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = open(file, "rb").read()
size = struct.unpack(">II", data[16:24])
if size != (width, height):
    sys.exit(f"{file}: {size[0]} by {size[1]}, not {width} by {height}")
at, packed = 8, b""
while at < len(data):
    (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
    packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
    at += 12 + length
pixels = zlib.decompress(packed)
step = len(pixels) // height
rows = {pixels[row * step : (row + 1) * step] for row in range(height)}
print(f"{file}: {width} by {height}, {len(rows)} different rows")
if len(rows) < height // 8:
    sys.exit(f"{file}: next to nothing is drawn")
PYTHON
}

# --- driven by hand --------------------------------------------------------------------------------------------
cat >"$work/script" <<SCRIPT
expect-title Feedscope
expect-labels 2 State: open
shot $pictures/demo-1280.png
click-on Message
type typed by hand
expect-labels 1 typed by hand
key Return
# The row that was sent, and the room's echo.
expect-labels 2 typed by hand
shot $pictures/typed-1280.png
resize 640 480
expect-size 640 480
expect-label State: open
shot $pictures/demo-640.png
SCRIPT
WINDOW_FAIL=$pictures/failed.png WINDOW_WAIT=60 alone driven \
  scripts/window.sh drive "$work/script" -- "$app" --demo --size 1280x800 --theme dark
picture "$pictures/demo-1280.png" 1280 800
picture "$pictures/typed-1280.png" 1280 800
picture "$pictures/demo-640.png" 640 480

# --- clicks on moving rows -------------------------------------------------------------------------------------
# `scripts/clicks.py PROGRAM` makes 100 clicks at each rate and for each time. This is a sample of them.
scripts/clicks.py "$app" 5 2000 || fail "a click on a moving row selected another row"

# --- closing by itself, with a report --------------------------------------------------------------------------
cat >"$work/script" <<SCRIPT
expect-title Feedscope
expect-exit 0 60
SCRIPT
WINDOW_WAIT=60 alone reporting \
  scripts/window.sh drive "$work/script" -- "$app" --demo --duration 6 --size 900x640 --theme light \
  --screenshot "$pictures/light-900.png" --report "$work/report.json"
picture "$pictures/light-900.png" 900 640
python3 - "$work/report.json" <<'PYTHON' || fail "the report lacks expected values"
import json, sys
report = json.load(open(sys.argv[1]))
print(json.dumps(report))
wrong = []
def check(holds, what):
    if not holds:
        wrong.append(what)
check(report["frames"] > 0, "no frame was drawn")
# The measure is half a second on a quiet machine; this only catches a window that hangs.
check(0 < report["first_frame_ms"] < 20_000, "the first frame took too long")
check(set(report["frame_ms"]) >= {"p50", "p99", "max"}, "frame_ms is not complete")
check(report["peak_rss_bytes"] > 0, "no memory was measured")
check(len(report["feeds"]) == 2, "the demo has two feeds")
for feed in report["feeds"]:
    check(feed["records"] > 3 and feed["bytes"] > 0, f"nothing arrived from {feed['url']}")
    check(0 < feed["seconds"] < 7, f"it took {feed['seconds']} s from {feed['url']}")
    check(feed["reconnects"] == 0 and feed["let_go"] == 0, f"something was lost from {feed['url']}")
sys.exit("\n".join(wrong) or 0)
PYTHON
# --- Wayland ---------------------------------------------------------------------------------------------------
# Weston without a screen has no input device, so that the window only opens, draws in two sizes and closes by itself.
on_wayland() {
  local size=$1 runtime weston log status=0
  runtime=$(mktemp -d) # a path short enough for a socket
  chmod 700 "$runtime"
  log=$work/weston.log
  XDG_RUNTIME_DIR=$runtime weston --backend=headless-backend.so --use-gl --shell=desktop-shell.so --socket=feedscope \
    --width=1280 --height=900 --no-config --idle-time=0 >"$log" 2>&1 &
  weston=$!
  for _ in {1..200}; do [[ -S $runtime/feedscope ]] && break; sleep 0.05; done
  # Without DISPLAY there is no other display that the window could open on.
  alone "wayland-$size" env -u DISPLAY XDG_RUNTIME_DIR="$runtime" WAYLAND_DISPLAY=feedscope timeout 60 \
    "$app" --demo --duration 4 --size "$size" --screenshot "$pictures/wayland-$size.png" || status=$?
  kill "$weston" 2>/dev/null
  wait "$weston" 2>/dev/null || true
  rm -rf "$runtime"
  ((status == 0)) || { cat "$log" >&2; fail "the window ended with status $status on Wayland"; }
  picture "$pictures/wayland-$size.png" "${size%x*}" "${size#*x}"
}
if command -v weston >/dev/null; then
  on_wayland 900x640
  on_wayland 640x480
else
  echo "real_window.sh: Wayland is left out, weston is missing: scripts/test installs it"
fi
echo "real_window.sh: passed"
