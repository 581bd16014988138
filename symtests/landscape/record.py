"""What was measured of a landscape, kept in a file: a run that is cut short goes on, and several are put together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from symtests.file_data import json_of
from symtests.landscape.measuring import Point, Rate
from symtests.spreading.deal import Shard, deal
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["RATES_FILE", "Record", "read_rates", "share_of"]

RATES_FILE: Final = "rates.jsonl"
"""Name of the file in the folder of a landscape."""


class Record:
    """The rates in a folder; each is on disk when it has been added.

    Parameters
    ----------
    folder
        Made where it is missing; what was measured there before is kept.
    others
        Folders whose rates are taken over.

    Raises
    ------
    InvalidValue
        Where a file cannot be read, or two measured the same point differently.
    """

    def __init__(self, folder: Path, others: Iterable[Path] = ()) -> None:
        self._path = folder / RATES_FILE
        self._rates: dict[Point, Rate] = {}
        places = [folder, *others]
        for place in places:
            if place is folder and not self._path.is_file():
                continue
            for rate in read_rates(place):
                if self._rates.setdefault(rate.point, rate) != rate:
                    raise InvalidValue(
                        f"rates={str(place)!r}: {rate.learned} of {rate.point.starts} have learned at a point at which "
                        f"{self._rates[rate.point].learned} had before; the same kernels give the same: leave one out"
                    )

    def __contains__(self, point: Point) -> bool:
        return point in self._rates

    def __getitem__(self, point: Point) -> Rate:
        return self._rates[point]

    def add(self, rate: Rate) -> None:
        """Add a rate.

        Raises
        ------
        InvalidValue
            Where the file cannot be written.
        """
        self._rates[rate.point] = rate
        self.write()

    def write(self) -> None:
        """Write all rates, in the order of their points.

        Raises
        ------
        InvalidValue
            Where the file cannot be written.
        """
        lines = [json.dumps(self._rates[point].to_json()) + "\n" for point in sorted(self._rates)]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, "".join(lines))
        except OSError as error:
            raise InvalidValue(f"out={str(self._path.parent)!r}: cannot be written ({error.strerror})") from None


def read_rates(folder: Path) -> Iterator[Rate]:
    """Give the rates that a folder holds.

    Raises
    ------
    InvalidValue
        Where there are none, or a line is none.
    """
    path = folder / RATES_FILE
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InvalidValue(
            f"rates={str(path)!r}: cannot be read ({error.strerror}); run symtests starts first"
        ) from None
    for number, line in enumerate(lines, 1):
        yield _rate(line, f"rates={str(path)!r}, line {number}")


def _rate(line: bytes, place: str) -> Rate:
    try:
        data = json_of(line)
        if not isinstance(data, dict):
            raise InvalidValue("must be a JSON object")
        return Rate.from_json(data)
    except ValueError as error:
        raise InvalidValue(f"{place}: {error}") from None


def share_of(points: Sequence[Point], shard: Shard) -> list[Point]:
    """Return the points of one of several shares, dealt out by what each costs: width times steps times starts.

    Parameters
    ----------
    points
        All of them, in any order.
    shard
        Which share.
    """
    by_name = {tuple(str(each) for each in point.to_json().values()): point for point in points}
    dealt = deal(by_name, shard.of, lambda name: by_name[name].cost)
    return sorted(by_name[name] for name in dealt[shard.number - 1])
