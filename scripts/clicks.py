#!/usr/bin/env python3
"""Clicks rows of the real window while records arrive, and counts the clicks that select the row under the pointer.

Use: clicks.py PROGRAM [CLICKS [RATE…]]   PROGRAM is built with the feature `inspection`; CLICKS (100 by default) for
     each combination of a rate (0, 20, 2,000 and 50,000 records a second by default) and a time for which the button is
     down (0, 20, 80 and 300 ms). Needs what scripts/window.sh needs.

The program logs what each frame painted. A press belongs to the row that the frame before the press painted under the
pointer. The script ends with status 1 if a click selects another row, or none, or if too few clicks arrive.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

RATES = (0, 20, 2_000, 50_000)
TIMES = (0, 20, 80, 300)
# Part of the list in a window of 640 by 480 in which clicks are made.
LEFT, TOP, RIGHT, BOTTOM = 130, 220, 600, 440


def main():
    program, clicks = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rates = [int(rate) for rate in sys.argv[3:]] or RATES
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([program, "demo"], stdout=subprocess.PIPE, text=True)
        try:
            base = server.stdout.readline().strip().rstrip("/")
            faults = 0
            for rate in rates:
                # A feed of 0 records a second is one that has ended.
                url = f"{base}/flood?" + (f"rate={rate}" if rate else "n=500")
                # On a busy machine, a click may come before Escape has closed the inspector, and hit no row.
                made = clicks + clicks // 10 + 2
                points = choose_points(made * len(TIMES), seed=rate)
                log = Path(folder, f"{rate}.jsonl")
                drive(program, url, points, made, log)
                results = judge(log)
                for index, milliseconds in enumerate(TIMES):
                    part = results[index * made : (index + 1) * made]
                    on_rows = [reason for reason in part if reason is not None][:clicks]
                    reasons = [reason for reason in on_rows if reason]
                    good = len(on_rows) - len(reasons)
                    print(f"{rate:6,} records/s, {milliseconds:3} ms: {good} of {clicks} clicks", flush=True)
                    print("".join(f"    {reason}\n" for reason in reasons[:5]), end="")
                    faults += clicks - good
        finally:
            server.terminate()
            server.wait()
    sys.exit(1 if faults else 0)


def choose_points(clicks, seed):
    """Returns points that are not near their predecessor, because two clicks at one place are a double click."""
    choice, points = random.Random(seed), [(0, 0)]
    while len(points) <= clicks:
        point = choice.randint(LEFT, RIGHT), choice.randint(TOP, BOTTOM)
        if abs(point[1] - points[-1][1]) > 30:
            points.append(point)
    return points[1:]


def drive(program, url, points, made, log):
    """Opens the window and clicks at the points. Escape returns to the newest rows after each click."""
    lines = ["expect-labels 8 received", "wait 0.5"]
    for index, (x, y) in enumerate(points):
        milliseconds = TIMES[index // made]
        lines += [f"move {x} {y}", "wait 0.05", f"press {x} {y} {milliseconds}", "wait 0.15", "key Escape", "wait 0.1"]
    home = log.with_suffix("")
    home.mkdir()
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    settings = dict.fromkeys(names, str(home)) | {"FEEDSCOPE_FRAME_LOG": str(log), "WINDOW_SCREEN": "640x480x24"}
    window = Path(__file__).parent / "window.sh"
    command = [window, "drive", "-", "--", program, url, "--size", "640x480"]
    subprocess.run(command, input="\n".join(lines), text=True, check=True, env=os.environ | settings)


def judge(log):
    """Returns for each click why it did not select the painted row and keep it selected; an empty text if it did, and
    `None` for a click beside the rows.
    """
    results, painted, wanted = [], [], None
    for line in log.read_text().splitlines():
        frame = json.loads(line)
        selected = [row["label"] for row in frame["rows"] if row["is_selected"]]
        for x, y in frame["presses"]:
            rows = [row["label"] for row in painted if is_in(row, x, y)]
            wanted, pressed = (rows[0] if len(rows) == 1 else None), f"{x}, {y} in frame {frame['number']}"
            results.append("" if wanted else None)
        if frame["has_escape"]:
            wanted = None
        elif wanted and selected != [wanted]:
            results[-1] = f"{wanted[:50]} was pressed at {pressed}; selected in frame {frame['number']}: {selected}"
            wanted = None
        painted = frame["rows"]
    return results


def is_in(row, x, y):
    return row["left"] <= x < row["right"] and row["top"] <= y < row["bottom"]


main()
