"""How figures are shown: a heading with the machine, then rows with the promise beside the figure."""

import sys
from collections.abc import Sequence
from typing import NoReturn

from benchmarks import machine


class Report:
    """One part's output, printed as it comes; `end` leaves with 1 when a promise is not kept."""

    def __init__(self, title: str) -> None:
        self.broken: list[str] = []
        print(f"{title}\n{machine.description()}\n", flush=True)

    def row(self, what: str, figure: str, promise: str = "", *, kept: bool | None = None) -> None:
        """`kept` None: nothing was promised, or it could not be judged."""
        if kept is False:
            self.broken.append(what)
        word = {None: "", True: "kept", False: "NOT KEPT"}[kept]
        print(f"{what:<58} {figure:>16}   {promise:<24} {word}".rstrip(), flush=True)

    def note(self, text: str) -> None:
        print(text, flush=True)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """The first column to the left, the others to the right."""
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        for row in (header, *rows):
            cells = [f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)]
            print("   ".join([f"{row[0]:<{widths[0]}}", *cells[1:]]), flush=True)
        print(flush=True)

    def end(self) -> NoReturn:
        if self.broken:
            print(f"\nnot kept: {'; '.join(self.broken)}", flush=True)
        sys.exit(1 if self.broken else 0)
