"""Writes docs/findings.md: which properties each implementation obeys, and what explains every one that it breaks.

    python docs/findings.py                          write the page from what is stored
    python docs/findings.py RESULTS.jsonl ...        take the verdicts of these runs first: they replace what is stored
                                                     of the same implementations
    python docs/findings.py jax=534 ...              enter how many seconds of processor time a default check took
    python docs/findings.py --check                  say whether the page is up to date; write nothing

The verdicts are stored in docs/findings/verdicts.json. What they mean stands in docs/findings/findings.toml, one entry
a finding, and beside it a script that shows it with plain calls of the library: it prints what is found and what is
right, and its exit status is 1 as long as the finding stands. A broken property that no entry explains is refused, and
so is an entry that explains a property that nothing breaks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from symtests.checking.results.results_file import read_results
from symtests.checking.results.verdict import WORDS, Verdict, Word
from symtests.properties import PROPERTIES
from symtests.terminal_matrix import GLYPHS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "findings"
PAGE = ROOT / "docs" / "findings.md"
KINDS = {
    "bug": "what is computed is not what it is said to be",
    "documented choice": "its manual or its source says so, and a user of another library should know it",
    "rounding": "right but for more rounding than its dtype asks for",
}
EXPLAINED = ("violated", "known", "errored")
"""Verdicts that need an entry."""

_INTRODUCTION = """\
The properties were asked of {count} implementations that come with an adapter. Everything that is broken was reproduced
by hand, with plain calls of the library and without symtests; the scripts stand below and in [findings/](findings/),
and a test runs each of them where its library is installed. `python docs/findings.py` writes this page, and refuses to
while a broken property lacks an explanation. Under CPU s stand the seconds of processor time that a check with the
default profile took, all processes together, on a machine with two cores that others used as well. What the tool itself
says of a finding is quoted from these checks."""


@dataclass(frozen=True)
class Finding:
    """One entry of findings.toml.

    Parameters
    ----------
    id
        Its anchor on the page, and the name of its script with ``_`` for ``-``.
    implementation
        Names of implementations as ``symtests check`` prints them.
    versions
        Versions of the library that it was tried with.
    properties
        Ids of the properties that it explains, as in ``["OWN1", "GRAD2 float32"]``; none where no property asks for it.
    kind
        One of `KINDS`.
    sentence, advice
        What is wrong, and what a user can do about it, in one sentence each.
    output
        What the script prints.
    needs
        Command that succeeds where the library is installed, for what is no built-in implementation.
    """

    id: str
    implementation: tuple[str, ...]
    versions: tuple[str, ...]
    properties: tuple[str, ...]
    kind: str
    sentence: str
    advice: str
    output: str
    needs: tuple[str, ...] = ()

    @property
    def script(self) -> Path:
        """The script that shows it."""
        found = sorted(FOLDER.glob(self.id.replace("-", "_") + ".*"))
        if len(found) != 1:
            raise SystemExit(f"findings.toml: {self.id} must have one script in docs/findings, not {len(found)}")
        return found[0]

    def explains(self, implementation: str, prop: str, dtype: str) -> bool:
        """Tell whether this is why the property is broken there."""
        return implementation in self.implementation and bool({prop, f"{prop} {dtype}"} & set(self.properties))


def findings() -> list[Finding]:
    """Return all entries, checked."""
    entries = tomllib.loads((FOLDER / "findings.toml").read_text(encoding="utf-8")).get("finding", [])
    found = [Finding(**{k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}) for entry in entries]
    known = {prop.id for prop in PROPERTIES}
    for finding in found:
        if finding.kind not in KINDS:
            raise SystemExit(f"findings.toml: kind={finding.kind!r} of {finding.id} must be one of {', '.join(KINDS)}")
        for prop in finding.properties:
            if prop.split()[0] not in known:
                raise SystemExit(f"findings.toml: {finding.id} names {prop!r}, which is no property")
    if len({finding.id for finding in found}) < len(found):
        raise SystemExit("findings.toml: an id stands there twice")
    return found


def stored() -> dict[str, Any]:
    """Return what is known of each implementation: version, profile, machine, a word for each property and dtype."""
    path = FOLDER / "verdicts.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return data


def taken(paths: Iterable[Path], verdicts: dict[str, Any]) -> dict[str, Any]:
    """Return the verdicts with those of these runs in the place of older ones, property by property for one version."""
    for path in paths:
        results = read_results(path)
        for name, implementation in results.implementations.items():
            known = verdicts.get(name, {})
            same = known.get("version") == implementation["version"]
            words: dict[str, dict[str, str]] = known["verdicts"] if same else {}
            said: dict[str, list[str]] = known.get("said", {}) if same else {}
            for verdict in results.verdicts:
                if verdict.implementation == name:
                    words.setdefault(verdict.property, {})[verdict.dtype] = verdict.word
                    said.pop(verdict.property, None)
            said.update(_said(verdict for verdict in results.verdicts if verdict.implementation == name))
            if not words:
                continue  # a run that was cut short
            verdicts[name] = {
                "version": implementation["version"],
                "date": results.run["started"][:10],
                "profile": results.run["profile"],
                "seed": results.run["seed"],
                "python": results.run["machine"]["python"],
                "processor": results.run["machine"]["processor"],
                "verdicts": words,
                "said": said,
            }
            if same and "cpu_seconds" in known:
                verdicts[name]["cpu_seconds"] = known["cpu_seconds"]
    return dict(sorted(verdicts.items()))


def _said(verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """Return for each broken property the dtype, sentence and diagnosis; of two dtypes that with a diagnosis."""
    found: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.word in EXPLAINED:
            diagnosis = "" if verdict.counterexample is None else verdict.counterexample.diagnosis
            if verdict.property not in found or (diagnosis and not found[verdict.property][2]):
                found[verdict.property] = [verdict.dtype, verdict.sentence, diagnosis]
    return found


def unexplained(verdicts: Mapping[str, Any], entries: Iterable[Finding]) -> list[str]:
    """Return a sentence for each violated property without an entry, and for each entry of one that is not violated."""
    entries = list(entries)
    wrong = []
    for name, of_one in verdicts.items():
        for prop, words in of_one["verdicts"].items():
            for dtype, word in words.items():
                if word in EXPLAINED and not any(entry.explains(name, prop, dtype) for entry in entries):
                    wrong.append(f"{prop} is {word} by {name} in {dtype}: findings.toml must say why")
    for entry in entries:
        judged = [name for name in entry.implementation if name in verdicts]
        for named in entry.properties if judged else ():
            prop, _, only = named.partition(" ")
            by_dtype = [verdicts[name]["verdicts"].get(prop, {}) for name in judged]
            if not any(
                word in EXPLAINED and only in ("", dtype) for words in by_dtype for dtype, word in words.items()
            ):
                wrong.append(f"findings.toml: {entry.id} says that {named} is broken, and it is not")
    return wrong


def page(verdicts: Mapping[str, Any], entries: list[Finding]) -> str:
    """Return the page in Markdown."""
    names = list(verdicts)
    seen = {word for name in names for words in verdicts[name]["verdicts"].values() for word in words.values()}
    words = [word for word in WORDS if word in seen]
    blocks = [
        "# What it found",
        _INTRODUCTION.format(count=len(names)),
        _table(["kind", "findings", "meaning"], [[k, str(_count(entries, k)), m] for k, m in KINDS.items()]),
        _table(
            ["implementation", "version", *(f"{GLYPHS[w][0]} {w}" for w in words), "profile", "CPU s", "findings"],
            [_row(name, verdicts[name], words, entries) for name in names],
        ),
        "## Property by property",
        "One sign stands for both dtypes where they agree, otherwise float32 stands before float64. "
        + ", ".join(f"{GLYPHS[word][0]} {word}" for word in words)
        + ". [properties.md](properties.md) says what each property asks.",
        _table(
            ["property", *names],
            [
                [_property_link(prop.id), *(_check(n, verdicts[n], prop.id, entries) for n in names)]
                for prop in PROPERTIES
            ],
        ),
    ]
    for name in sorted({name for entry in entries for name in entry.implementation[:1]}):
        blocks.append(f"## {name}")
        blocks.extend(_entry(entry, entries, verdicts) for entry in entries if entry.implementation[0] == name)
    return "\n\n".join(blocks) + "\n"


def _count(entries: Iterable[Finding], kind: str) -> int:
    return sum(entry.kind == kind for entry in entries)


def _row(name: str, of_one: Mapping[str, Any], words: list[Word], entries: Iterable[Finding]) -> list[str]:
    found = [word for by_dtype in of_one["verdicts"].values() for word in by_dtype.values()]
    links = " ".join(f"[{entry.id}](#{entry.id})" for entry in entries if name in entry.implementation)
    counts = (str(found.count(word)) for word in words)
    seconds = str(of_one.get("cpu_seconds", ""))
    return [name, of_one["version"], *counts, of_one["profile"], seconds, links or "none"]


def _check(name: str, of_one: Mapping[str, Any], prop: str, entries: Iterable[Finding]) -> str:
    signs = []
    for dtype, word in sorted(of_one["verdicts"].get(prop, {}).items()):
        why = [entry for entry in entries if word in EXPLAINED and entry.explains(name, prop, dtype)]
        signs.append(f"[{GLYPHS[word][0]}](#{why[0].id})" if why else GLYPHS[word][0])
    return " ".join(dict.fromkeys(signs))


def _entry(entry: Finding, entries: Sequence[Finding], verdicts: Mapping[str, Any]) -> str:
    kind, names, tried = entry.kind.capitalize(), ", ".join(entry.implementation), ", ".join(entry.versions)
    properties = ", ".join(_property_link(prop) for prop in entry.properties)
    language = {".py": "python", ".mjs": "javascript", ".js": "javascript"}.get(entry.script.suffix, "")
    return f"""### <a id="{entry.id}"></a>{entry.id}

**{kind}** in {names} (tried with {tried}). {entry.sentence} {entry.advice}
{"Breaks " + properties + "." if properties else "No property asks for it; it was seen on the way."}
{_quoted(entry, entries, verdicts)}
<details><summary><code>{entry.script.relative_to(ROOT).as_posix()}</code></summary>

```{language}
{entry.script.read_text(encoding="utf-8").strip()}
```

</details>

```text
{entry.output.strip()}
```"""


def _quoted(entry: Finding, entries: Sequence[Finding], verdicts: Mapping[str, Any]) -> str:
    """Return what a check says of one of the properties that the entry explains first, if possible with a diagnosis."""
    quotes = [
        ((not diagnosis, prop != "GRAD1"), f"{prop} is broken by {name} in {dtype}: {sentence}", diagnosis)
        for name in entry.implementation
        for prop, (dtype, sentence, diagnosis) in verdicts.get(name, {}).get("said", {}).items()
        if next((each for each in entries if each.explains(name, prop, dtype)), None) is entry
    ]
    if not quotes:
        return ""
    _, sentence, diagnosis = min(quotes, key=lambda quote: quote[0])
    more = f"\n>\n> Diagnosis: {diagnosis}" if diagnosis else ""
    return f"\n`symtests check` says of it:\n\n> {sentence}{more}\n"


def _property_link(prop: str) -> str:
    return f"[{prop}](properties.md#{prop.split()[0].lower()})"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def main() -> None:
    """Write the page, or check it."""
    check = "--check" in sys.argv[1:]
    given = [argument for argument in sys.argv[1:] if argument != "--check"]
    verdicts = taken([Path(name) for name in given if "=" not in name], stored())
    for name, seconds in (argument.rsplit("=", 1) for argument in given if "=" in argument):
        verdicts[name]["cpu_seconds"] = int(seconds)
    entries = findings()
    wrong = unexplained(verdicts, entries)
    if wrong:
        raise SystemExit("\n".join(wrong))
    text = page(verdicts, entries)
    if check:
        if PAGE.read_text(encoding="utf-8") != text:
            raise SystemExit("docs/findings.md is not what its files give: run python docs/findings.py")
        return
    (FOLDER / "verdicts.json").write_text(json.dumps(verdicts, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
