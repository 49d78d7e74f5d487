#!/usr/bin/env python3
"""Makes a font's tabular digits the default, and removes features that would change the look of text.

Use: freeze_digits.py SOURCE.ttf TARGET.ttf [FEATURE…]   (FEATURE: kept besides those that scripts need)
The window's text engine turns on a font's default features and offers no switch for the others, so a
choice between digits has to be made in the file. Contextual ligatures are removed for the same reason:
a payload's `!=` has to look like two characters. The exit status is 1 if a digit's width still depends on the digit.
"""

import sys

import uharfbuzz
from fontTools import subset
from fontTools.ttLib import TTFont

DIGITS = "0123456789"
# Features that scripts need: composed letters, letters by language, marks on their letters.
NEEDED = ["ccmp", "locl", "mark", "mkmk"]
VERSION = 5  # name ID of the version string


def main():
    source, target, *features = sys.argv[1:]
    font = TTFont(source, recalcTimestamp=False)
    freeze(font)
    prune(font, NEEDED + features)
    for record in font["name"].names:
        if record.nameID == VERSION:
            record.string = f"{record.toUnicode()}; default features narrowed for Feedscope"
    font.save(target)
    check(target)


def freeze(font):
    """Maps the ten digits to their tabular forms, if the font has both."""
    tabular = substitutions(font, "tnum")
    for table in font["cmap"].tables:
        for digit in DIGITS:
            name = table.cmap.get(ord(digit))
            if name in tabular:
                table.cmap[ord(digit)] = tabular[name]


def substitutions(font, tag):
    gsub = font["GSUB"].table
    lookups = {i for r in gsub.FeatureList.FeatureRecord if r.FeatureTag == tag for i in r.Feature.LookupListIndex}
    found = {}
    for index in lookups:
        for table in gsub.LookupList.Lookup[index].SubTable:
            found.update(getattr(getattr(table, "ExtSubTable", table), "mapping", {}))
    return found


def prune(font, features):
    """Removes features that are not listed, glyphs that only they reach, and the glyphs' names. Keeps every character."""
    options = subset.Options(
        layout_features=features, name_IDs=["*"], glyph_names=False, notdef_outline=True, recalc_timestamp=False
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap().keys())
    subsetter.subset(font)


def check(path):
    """Shapes digits beside each other and beside the characters of numbers, and checks that all have the same width."""
    with open(path, "rb") as file:
        font = uharfbuzz.Font(uharfbuzz.Face(file.read()))

    def width(text):
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(font, buffer)
        return sum(glyph.x_advance for glyph in buffer.glyph_positions)

    single = {width(digit) for digit in DIGITS}
    around = ["{}", "{}{}"] + [form for sign in ".,:+-/% sk" for form in ("{}" + sign, sign + "{}")]
    for form in around:
        widths = {width(form.format(a, b)) for a in DIGITS for b in DIGITS}
        if len(widths) != 1:
            sys.exit(f"{path}: the width of {form!r} depends on its digits: {sorted(widths)}")
    print(f"{path}: every digit is {single.pop()} units wide")


main()
