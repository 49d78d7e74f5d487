"""Measures the time from a key to its visible effect: keys are sent through the X server's test extension, and pixels are
read until they change. It needs libX11 and libXtst, which are installed with xdotool.
"""

import ctypes
import time
from ctypes import POINTER, byref, c_char, c_char_p, c_int, c_uint, c_ulong, c_void_p

# Constants of Xlib: the format for XGetImage, the fallback for XSetInputFocus, and the number of a key's name.
Z_PIXMAP = 2
REVERT_TO_PARENT = 2
BACKSPACE = 0xFF08

# Time limit for one key, in seconds.
LONGEST = 2.0


class Image(ctypes.Structure):
    """First fields of Xlib's XImage."""

    _fields_ = [
        *((name, c_int) for name in ("width", "height", "xoffset", "format")),
        ("data", POINTER(c_char)),
        *((name, c_int) for name in ("byte_order", "unit", "bit_order", "pad", "depth", "bytes_per_line")),
    ]


class Looker:
    """Reads the pixels of an area of a display, and sends keys to the window there."""

    def __init__(self, display, place):
        self.x = ctypes.CDLL("libX11.so.6")
        self.test = ctypes.CDLL("libXtst.so.6")
        self.x.XOpenDisplay.restype = c_void_p
        self.x.XDefaultRootWindow.restype = c_ulong
        self.x.XGetImage.restype = POINTER(Image)
        self.display = c_void_p(self.x.XOpenDisplay(c_char_p(display.encode())))
        self.root = c_ulong(self.x.XDefaultRootWindow(self.display))
        self.place = place

    def look(self):
        """Returns the pixels of the area."""
        x, y, width, height = self.place
        image = self.x.XGetImage(
            self.display, self.root, c_int(x), c_int(y), c_uint(width), c_uint(height), c_ulong(0xFFFFFF), c_int(Z_PIXMAP)
        )
        pixels = ctypes.string_at(image.contents.data, image.contents.bytes_per_line * image.contents.height)
        self.x.XDestroyImage(image)
        return pixels

    def click(self):
        """Clicks in the area, and moves the keyboard focus to the newest window, because there is no window manager."""
        x, y, width, height = self.place
        self.test.XTestFakeMotionEvent(self.display, c_int(-1), c_int(x + width // 2), c_int(y + height // 2), c_ulong(0))
        for pressed in (1, 0):
            self.test.XTestFakeButtonEvent(self.display, c_uint(1), c_int(pressed), c_ulong(0))
            self.x.XFlush(self.display)
            time.sleep(0.1)
        root, parent, children, count = c_ulong(), c_ulong(), POINTER(c_ulong)(), c_uint()
        self.x.XQueryTree(self.display, self.root, byref(root), byref(parent), byref(children), byref(count))
        newest = c_ulong(children[count.value - 1])
        self.x.XSetInputFocus(self.display, newest, c_int(REVERT_TO_PARENT), c_ulong(0))
        self.x.XFlush(self.display)

    def answer(self, key):
        """Returns the seconds from a key to the first different picture."""
        code = c_uint(self.x.XKeysymToKeycode(self.display, c_ulong(key)))
        before, start = self.look(), time.monotonic()
        for pressed in (1, 0):
            self.test.XTestFakeKeyEvent(self.display, code, c_int(pressed), c_ulong(0))
        self.x.XFlush(self.display)
        while self.look() == before and time.monotonic() - start < LONGEST:
            time.sleep(0.001)
        return time.monotonic() - start


def answers(display, place, times):
    """Types a letter into the field at `place` and deletes it, `times` keys in all. Returns their seconds, sorted."""
    looker = Looker(display, place)
    looker.click()
    time.sleep(0.5)
    took = []
    for turn in range(times):
        took.append(looker.answer(BACKSPACE if turn % 2 else ord("z")))
        # The pauses differ, so that the keys are not synchronous with the window's passes.
        time.sleep(0.15 + turn % 7 * 0.013)
    return sorted(took)
