"""The print file of a master, made and checked as the desk does it, in a process of its own: for its memory."""

import argparse
import sys
from pathlib import Path

from PIL import Image

from benchmarks import pictures
from billing import canvases, master


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("painted", type=Path)
    parser.add_argument("finished", type=Path, help="the picture that was seen and liked")
    parser.add_argument("file", type=Path, help="where the print file goes")
    parser.add_argument("--size", type=pictures.size, required=True, help="of the whole file, in px")
    parser.add_argument("--dpi", type=int, required=True)
    parser.add_argument("--wrap", choices=canvases.Wrap.values, required=True)
    given = parser.parse_args()
    edge = canvases.edge_px(given.dpi)
    painted = (0, 0, *given.size) if given.wrap == canvases.Wrap.PICTURE else master.inner(given.size, edge)
    front, liked = (Image.open(path).convert("RGB") for path in (given.painted, given.finished))
    contents = master.encoded(master.wrapped(front, given.wrap, canvases.WHITE, edge), given.dpi)
    given.file.write_bytes(contents)
    complaints = master.check(contents, size=given.size, dpi=given.dpi, painted=painted, liked=liked)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return bool(complaints)


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None  # it is our own
    sys.exit(main())
