"""The one sentence of each verdict."""

from __future__ import annotations

from symtests.checking.one_check.search import Evidence, Finding, PropertyFault
from symtests.checking.results.verdict import Tally
from symtests.implementations.base import OPERATIONS
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.properties.base import Property, Violation

__all__ = [
    "as_sentence",
    "counted",
    "fault_sentence",
    "found_sentence",
    "misbehaviour_sentence",
    "unsteady_sentence",
]


def found_sentence(prop: Property, evidence: Evidence) -> str:
    """Say on which evidence a property held, or why nothing can be said."""
    tally = evidence.tally
    if not tally.conclusive or tally.too_wide > tally.conclusive:
        sentence = _inconclusive(prop, tally)
    elif evidence.bitwise == tally.conclusive:
        sentence = f"Held bit for bit in {_all_of(tally.conclusive)}."
    else:
        sentence = f"Held in {_all_of(tally.conclusive)}{_how_closely(evidence)}."
    if evidence.cut_short:
        sentence += " The time was up before all cases were tried."
    return sentence


def unsteady_sentence(violation: Violation) -> str:
    """Say that a case broke the property in one run and not in the next."""
    return f"It answers the same input differently. In one run, {violation.sentence}; in another the property held."


def misbehaviour_sentence(problem: Misbehaviour, finding: Finding) -> str:
    """Say what the implementation did in place of answering, and on how small a case."""
    sizes = "-".join(map(str, finding.case.network.sizes))
    size = f"a network of sizes {sizes} with {counted(len(finding.case.batch), 'sample')}"
    often = "" if finding.steady else " It did so in one run and not in the next, for the same input."
    return f"{as_sentence(str(problem))} The smallest case found is {size}.{often}"


def fault_sentence(prop: Property, implementation: str, fault: PropertyFault) -> str:
    """Say that the property itself failed."""
    return f"A fault of symtests, not of {implementation}: {prop.id} raised {fault}. Please report it."


def as_sentence(message: str) -> str:
    """Return a message with a full stop behind and a capital in front, except of the name of an operation."""
    text = message if message.split(" ")[0] in OPERATIONS else message[:1].upper() + message[1:]
    return text if text.endswith(".") else text + "."


def counted(number: int, noun: str) -> str:
    """Return the number with its noun, as in "1 sample" and "2 samples"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _all_of(conclusive: int) -> str:
    return "the one conclusive case" if conclusive == 1 else f"all {conclusive} conclusive cases"


def _how_closely(evidence: Evidence) -> str:
    """Return how much of the bound was used, and what fault would have been seen, where either is known."""
    parts = []
    if evidence.worst_fraction > 0:
        kind = evidence.tolerance
        parts.append(f"the worst error was {evidence.worst_fraction:.2g} of what rounding can explain ({kind})")
    if evidence.median_detectable:
        parts.append(
            f"a fault of {evidence.median_detectable:.1g} in one number would have shown in half of them, "
            f"one of {max(evidence.detectable):.1g} in each"
        )
    return "".join(f"; {part}" for part in parts)


def _inconclusive(prop: Property, tally: Tally) -> str:
    if tally.too_wide > tally.conclusive:
        return (
            f"The rounding bound hid the fault of {prop.promise:.1g} that the property promises to see in "
            f"{tally.too_wide} "
            f"of {tally.too_wide + tally.conclusive} cases."
        )
    others = (("trivial", tally.trivial), ("rejected", tally.rejected), ("not supported", tally.unsupported))
    reasons = ", ".join(f"{number} {word}" for word, number in others if number)
    return f"No case was conclusive: {reasons}." if reasons else "No case was conclusive: none could be drawn."
