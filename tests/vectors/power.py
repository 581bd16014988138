"""Which of the broken implementations the vectors find."""

from __future__ import annotations

from collections.abc import Sequence

from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.properties.base import Domain
from symtests.vectors.vector import Vector
from symtests.vectors.vector_properties import case_in, judge
from tests.mutants.listing import MUTANTS

NONSENSE = ("wrong type", "wrong shape", "wrong dtype", "not finite")


def killers(implementation: Checked, vectors: Sequence[Vector]) -> list[str]:
    """Return the ids of the vectors that find a fault."""
    found = []
    for vector in vectors:
        try:
            outcome = judge(vector, implementation, case_in(vector, Domain.of(implementation))).outcome
        except Unsupported:
            continue
        except Misbehaviour as problem:
            outcome = "violated" if problem.kind in NONSENSE else "held"
        if outcome == "violated":
            found.append(vector.question.id)
    return found


def power(vectors: Sequence[Vector]) -> dict[str, list[str]]:
    """Return for each mutant the vectors that find it; none for one that survives."""
    return {mutant.name: killers(Checked(mutant.kind(), mutant.dtype), vectors) for mutant in MUTANTS}


if __name__ == "__main__":
    from symtests.vectors.answering import vectors

    found = power(vectors())
    print(f"{sum(map(bool, found.values()))} of {len(found)} broken implementations are found by the vectors")
    print("not found:", ", ".join(name for name, by in found.items() if not by))
    used = {name for by in found.values() for name in by}
    print("vectors that find nothing:", [v.question.id for v in vectors() if v.question.id not in used])
