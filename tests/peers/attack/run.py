"""Hostile clients against the demo server: what they take is given back, and nobody else is disturbed.

    FEEDSCOPE=… python3 tests/peers/attack/run.py [COUNT] [NAME]...

Each attack opens up to COUNT hostile connections. Memory stays below a limit all the time. Ten seconds after the attack at the
latest, open files, threads and memory are what they were. Two ordinary clients read ticks all along and miss none. Prints the
figures; ends with status 1 where something does not hold.
"""

import resource
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

import attacks  # noqa: E402
from clients import Reader  # noqa: E402
from demo import Demo  # noqa: E402

# The short form shows that everything works; the full one opens 10,000 connections.
COUNT = 60

# Most memory at any time.
MOST_MEMORY = 256 * 1000 * 1000

# Seconds until everything is given back, and how much memory the allocator may keep then.
RETURN_TIME = 10.0
KEPT_MEMORY = 12 << 20

# Ordinary clients wait no longer for the next tick, of which there are five a second.
LONGEST_WAIT = 10.0


def check_listeners(demo):
    found = demo.listeners()
    return [] if sorted(found) == sorted([demo.http, demo.ws]) else [f"it listens at {found}"]


def try_one(demo, attack, count):
    """Carries one attack out. The faults that it showed."""
    before = demo.figures()
    demo.forget_peak()
    readers = [Reader.of_events(demo), Reader.of_ticker(demo)]
    start = time.monotonic()
    faults = []
    try:
        attack(demo, count)
    except AssertionError as error:
        faults.append(str(error))
    lasted = time.monotonic() - start
    peak = demo.peak()
    for reader in readers:
        reader.close()
        if reader.fault:
            faults.append(f"an ordinary client was disturbed: {reader.fault}")
        if reader.longest_wait > LONGEST_WAIT:
            faults.append(f"an ordinary client waited {reader.longest_wait:.1f} s for a tick")
    if not demo.is_alive():
        return [*faults, "the server has ended"]
    after, took = demo.wait_until(
        lambda now: now.files <= before.files
        and now.threads <= before.threads
        and now.memory <= before.memory + KEPT_MEMORY,
        RETURN_TIME,
    )
    if took is None:
        faults.append(f"before {before}, {RETURN_TIME:.0f} s after {after}")
    if peak > MOST_MEMORY:
        faults.append(f"it took {peak / 1e6:.0f} MB")
    faults += check_listeners(demo)
    print(
        f"{attack.__name__:20} {lasted:6.1f} s, peak {peak / 1e6:4.0f} MB, before {before}, after {after}"
        + ("" if took is None else f" in {took:.1f} s"),
        flush=True,
    )
    return faults


def main(arguments):
    count = int(arguments[0]) if arguments else COUNT
    names = arguments[1:]
    chosen = [attack for attack in attacks.ALL if not names or attack.__name__ in names]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    failed = False
    with Demo() as demo:
        for attack in chosen:
            for fault in try_one(demo, attack, count):
                print(f"  FAILED {attack.__name__}: {fault}", flush=True)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
