"""The kinds of lines of a results file, each turned into plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from symtests.file_data import require_version
from symtests.network import Network
from symtests.reports.record import Record
from symtests.reports.results import (
    Claim,
    Counterexample,
    End,
    Failure,
    Implementation,
    Listed,
    Machine,
    PropertyEntry,
    Run,
    Start,
    Story,
    Tally,
    Unit,
    Verdict,
)
from symtests.reports.words import NOT_JUDGED, WORDS
from symtests.validation import InvalidValue

__all__ = ["SCHEMA", "end_from", "implementation_from", "run_from", "story_from", "verdict_from"]

SCHEMA: Final = 1
"""Version of the file format that is read."""

_STARTS: Final = ("constant", "zero", "random")
_VERDICT_WORDS: Final = tuple(word for word in WORDS if word != NOT_JUDGED)


def run_from(record: Record) -> Run:
    """Return what the first line says: what was asked."""
    require_version(record.place, record.data.get("schema"), SCHEMA)
    machine = record.record("machine")
    properties = tuple(_property(prop) for prop in record.records("properties"))
    if len({prop.id for prop in properties}) < len(properties):
        raise InvalidValue(f"{record.place}: properties: two have the same id")
    return Run(
        record.text("symtests"),
        record.text("started"),
        record.text("profile"),
        record.count("seed"),
        record.plain("examples"),
        record.text("command"),
        Machine(
            machine.text("platform"),
            machine.text("python"),
            machine.text("processor"),
            machine.count("cores"),
            machine.plain("packages"),
        ),
        properties,
        tuple(_claim(claim) for claim in record.records("claims")),
        record.count("checks"),
        record.texts("notes") if record.has("notes") else (),
    )


def _property(record: Record) -> PropertyEntry:
    return PropertyEntry(
        record.text("id"),
        record.count("version"),
        record.text("group"),
        record.text("title"),
        record.text("statement"),
        record.text("formula"),
        record.text("precondition"),
        record.text("exactness_words"),
        record.text("catches"),
        record.text("source"),
        record.texts("claims"),
    )


def _claim(record: Record) -> Claim:
    return Claim(record.text("id"), record.text("text"), record.text("truth"))


def implementation_from(record: Record) -> Implementation:
    """Return an implementation under check."""
    smoke = _failure(record.record("smoke")) if record.has("smoke") else None
    return Implementation(
        record.text("name"),
        record.text("location"),
        record.text("version"),
        record.plain("capabilities"),
        record.texts("dtypes"),
        smoke,
    )


def _failure(record: Record) -> Failure:
    return Failure(record.text("kind"), record.text("message"), record.text("output"))


def verdict_from(record: Record) -> Verdict:
    """Return the verdict of one check."""
    tally = record.record("tally")
    return Verdict(
        record.text("implementation"),
        record.text("property"),
        record.text("dtype"),
        record.word("word", _VERDICT_WORDS),
        record.text("sentence"),
        Tally(
            tally.count("conclusive"),
            tally.count("trivial"),
            tally.count("rejected"),
            tally.count("too_wide"),
            tally.count("unsupported"),
        ),
        record.optional_number("worst_fraction"),
        record.optional_number("detectable"),
        record.text("tolerance"),
        record.count("bitwise_cases"),
        _counterexample(record.record("counterexample")) if record.has("counterexample") else None,
        _failure(record.record("failure")) if record.has("failure") else None,
        tuple((item.text("sentence"), item.plain("data")) for item in record.records("observations")),
        record.number("seconds"),
        _listed(record.record("known")) if record.has("known") else None,
    )


def _listed(record: Record) -> Listed:
    return Listed(record.text("reason"), record.text("link"), f"entry {record.count('entry')} of {record.text('file')}")


def _counterexample(record: Record) -> Counterexample:
    return Counterexample(
        record.text("sentence"),
        record.record("case"),
        record.count("hidden_units"),
        record.count("samples"),
        record.text("command"),
        record.text("script"),
        record.text("quantity"),
        record.optional_number("expected"),
        record.optional_number("found"),
        record.optional_number("bound"),
        record.text("diagnosis") if record.has("diagnosis") else "",
    )


def end_from(record: Record) -> End:
    """Return what the last line says."""
    return End(record.text("finished"), record.number("seconds"), record.count("exit_status"))


def story_from(record: Record) -> Story:
    """Return hidden units learning XOR."""
    described = record.plain("network")
    try:
        network = Network.from_json(described)
    except (InvalidValue, KeyError, TypeError) as error:
        raise InvalidValue(f"{record.place}: network: {error}") from None
    return Story(
        record.text("implementation"),
        record.text("dtype"),
        network,
        record.record("training"),
        tuple(_start(start) for start in record.records("starts")),
    )


def _start(record: Record) -> Start:
    steps, loss = record.numbers("steps"), record.numbers("loss")
    units = tuple(Unit(unit.rows("incoming", 3), unit.numbers("outgoing")) for unit in record.records("units"))
    lengths = {len(steps), len(loss), *_lengths(units)}
    if not steps or not units or len(lengths) > 1:
        raise InvalidValue(f"{record.place}: starts: loss, incoming and outgoing must have one entry for each step")
    return Start(record.word("start", _STARTS), steps, loss, units)


def _lengths(units: tuple[Unit, ...]) -> Iterator[int]:
    for unit in units:
        yield len(unit.incoming)
        yield len(unit.outgoing)
