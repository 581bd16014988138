"""What a person sees of the benchmarks: the time of ours, how many times as long the others take, what was aimed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from symtests.shown_text import shown
from symtests.terminal_text import line_of, lines_of

__all__ = ["benchmark_table", "comparison_tables"]

_AIMS: Final[Mapping[str, tuple[str, str]]] = {
    "reached": ("✓", "green"),
    "open": ("?", "yellow"),
    "not reached": ("✗", "red"),
}
"""Glyph and colour of what became of an aim."""
_FEW: Final = 3
"""So many implementations fit beside each other with their intervals."""


def benchmark_table(figures: Mapping[str, Any]) -> Group:
    """Return the figures of pytest-benchmark as one row a question: time of the reference, ratios of its peers.

    Many implementations get a table for each operation, without intervals: these stand in the file and in the report.

    Parameters
    ----------
    figures
        What `symtests.benchmarks.run_benchmarks` wrote.
    """
    rows: dict[str, dict[str, Mapping[str, Any]]] = {}
    for benchmark in figures["benchmarks"]:
        rows.setdefault(benchmark["group"], {})[benchmark["extra_info"]["implementation"]] = benchmark
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    notes = [f"median time of {name}; how many times as long the others take" for name in names[:1]]
    if len(names) <= _FEW:
        blocks: list[RenderableType] = [_operations("one call", names, rows, _figure)]
        notes = [f"{note}, 95 % interval" for note in notes]
    else:
        blocks = []
        if any(b["extra_info"].get("ratio", {}).get("too_noisy") for b in figures["benchmarks"]):
            notes.append("? too noisy: the rounds are too far apart; measure again on a quieter machine")
        for operation in dict.fromkeys(group.partition(" ")[0] for group in rows):
            prefix = f"{operation} "
            asked = {group.removeprefix(prefix): row for group, row in rows.items() if group.startswith(prefix)}
            blocks += [_operations(operation, names, asked, _median), Text("")]
    notes += _not_measured(figures.get("symtests", {}).get("left_out", []))
    return Group(*blocks, lines_of("\n".join(map(shown, notes)), "dim"))


def _operations(
    title: str,
    names: Sequence[str],
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]],
    figure: Callable[[Mapping[str, Any]], Text],
) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=len(names) > _FEW)
    table.add_column(line_of(title))
    for name in names:
        table.add_column(line_of(name), justify="right")
    for question, row in rows.items():
        table.add_row(line_of(question), *(figure(row[name]) if name in row else "" for name in names))
    return table


def _not_measured(left_out: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each reason of an implementation: where it holds, or how often."""
    places: dict[tuple[str, str], list[str]] = {}
    for entry in left_out:
        place = " ".join(filter(None, (entry.get(key) for key in ("operation", "network", "dtype"))))
        places.setdefault((entry["implementation"], entry["reason"]), []).append(place)
    return [
        f"not measured: {' '.join(filter(None, (implementation, where)))}: {reason}"
        for (implementation, reason), found in places.items()
        for where in [found[0] if len(found) == 1 else f"{len(found)} times"]
    ]


def _median(benchmark: Mapping[str, Any]) -> Text:
    ratio = benchmark["extra_info"].get("ratio")
    if ratio is None:
        return Text(_duration(benchmark["stats"]["median"]))
    return Text(f"{_digits(ratio['median'])}{'?' if ratio.get('too_noisy') else ''}")


def _figure(benchmark: Mapping[str, Any]) -> Text:
    ratio = benchmark["extra_info"].get("ratio")
    return Text(_duration(benchmark["stats"]["median"])) if ratio is None else _ratio(ratio)


def _ratio(ratio: Mapping[str, Any]) -> Text:
    figure = f"{_digits(ratio['median'])} × [{_digits(ratio['low'])}, {_digits(ratio['high'])}]"
    return Text.assemble(figure, (" too noisy", "yellow")) if ratio.get("too_noisy") else Text(figure)


def _digits(number: float) -> str:
    """Write three digits, and all of them before the point."""
    return f"{number:.3g}" if number < 1000 else f"{number:,.0f}"


def comparison_tables(figures: Mapping[str, Any]) -> Group:
    """Return one table for each comparison of kernels with peers, and what became of all aims.

    A table has times, ratios with their intervals and aims; below it stands what a long run has found.

    Parameters
    ----------
    figures
        What `symtests.benchmarks.run_benchmarks` wrote.
    """
    blocks: list[RenderableType] = []
    words = []
    for found in figures.get("symtests", {}).get("comparisons", []):
        blocks += [Text(""), _comparison(found)] if blocks else [_comparison(found)]
        words += [peer["target"]["word"] for peer in found["peers"] if peer["target"]]
        if "long_run" in found:
            blocks.append(_long_run(found["long_run"]))
            words.append(found["long_run"]["target"]["word"])
    if words:
        counts = ", ".join(f"{words.count(word)} {word} ({_AIMS[word][0]})" for word in _AIMS if word in words)
        blocks.append(Text(f"{len(words)} {'aim' if len(words) == 1 else 'aims'}: {counts}", style="bold"))
    return Group(*blocks)


def _long_run(found: Mapping[str, Any]) -> Text:
    target = found["target"]
    glyph, colour = _AIMS[target["word"]]
    aim = f"{glyph} {target['word']}: at most {_duration(target['seconds'])}"
    times = f"{_duration(found['seconds'])}, {_duration(found['processor_seconds'])} of processor time"
    return Text.assemble(shown(f"once: {found['words']}; {times}  "), (aim, colour))


def _comparison(found: Mapping[str, Any]) -> Group:
    threads = "one thread" if found["threads"] == 1 else f"{found['threads']} threads"
    title = f"{found['group']} {found['name']} {found['dtype']}, {threads}"
    if "load" in found:  # the time that passed was measured: a busy machine stretches it
        title += f", load average {found['load']['average']:.1f} on {found['load']['processors']} processors"
    table = Table(box=None, pad_edge=False)
    table.add_column(line_of(f"one {found['counted']}"))
    table.add_column("time", justify="right")
    table.add_column("times ours, 95 % interval", justify="right")
    table.add_column("aim: at least")
    table.add_row("symtests", _duration(found["seconds"]))
    for peer in found["peers"]:
        table.add_row(line_of(peer["name"]), _duration(peer["seconds"]), _ratio(peer["ratio"]), _aim(peer["target"]))
    for peer in found["not_measured"]:
        table.add_row(line_of(peer["name"]), "-", Text("not measured"), line_of(peer["reason"], "dim"))
    return Group(line_of(title, "bold"), table)


def _aim(target: Mapping[str, Any] | None) -> Text:
    if target is None:
        return Text("")
    glyph, colour = _AIMS[target["word"]]
    return Text(f"{glyph} {target['ratio']:g} ×", style=colour)


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
