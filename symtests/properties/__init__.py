"""The properties, in the order of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symtests.properties.base import Property
from symtests.properties.equal_units.symmetry import SYM1, SYM2, SYM3
from symtests.properties.equal_units.symmetry_of_data import SYM4, SYM5
from symtests.properties.equal_units.tied_floor import EMB3, EMB4
from symtests.properties.equal_units.tied_network import EMB2
from symtests.properties.equal_units.unit_split import EMB1, EMB5
from symtests.properties.equivariance.balance import EQV5, EQV6, EQV7
from symtests.properties.equivariance.order import EQV1
from symtests.properties.equivariance.rescaling import EQV2, EQV3, EQV4
from symtests.properties.gradients.features import EQV8, GRAD4, GRAD5, GRAD7
from symtests.properties.gradients.gradient import GRAD1
from symtests.properties.gradients.gradient_structure import GRAD3, GRAD6, GRAD8
from symtests.properties.gradients.own_loss import OWN1
from symtests.properties.gradients.plain_step import STEP1
from symtests.properties.gradients.stage_chain import GRAD9
from symtests.properties.gradients.taylor import GRAD2
from symtests.properties.initialization.constant import INIT1
from symtests.properties.initialization.depth import INIT8
from symtests.properties.initialization.independence import INIT5
from symtests.properties.initialization.moments import INIT2
from symtests.properties.initialization.orthogonal import INIT6, INIT7
from symtests.properties.initialization.shape import INIT4
from symtests.properties.initialization.support import INIT3
from symtests.properties.loss_surface.descent import DESC1
from symtests.properties.loss_surface.duplicated_unit import SAD3
from symtests.properties.loss_surface.flat_saddle import SAD2
from symtests.properties.loss_surface.linear_limit import LIN3
from symtests.properties.loss_surface.no_hidden_layer import LIN1, LIN2
from symtests.properties.loss_surface.saddle_at_zero import SAD1
from symtests.properties.losses.batch_mean import LOSS3, LOSS4, LOSS8
from symtests.properties.losses.softmax import LOSS1, LOSS2, LOSS6
from symtests.properties.losses.squared_error import LOSS5, LOSS7
from symtests.properties.numerics.layout import NUM5
from symtests.properties.numerics.memory import NUM4
from symtests.properties.numerics.not_a_number import NUM1, NUM3
from symtests.properties.numerics.overflow import NUM2
from symtests.properties.numerics.same_bits import BITS1
from symtests.properties.optimizers.at_rest import OPT3, STEP2
from symtests.properties.optimizers.closed_forms import OPT2
from symtests.properties.optimizers.limits import OPT5
from symtests.properties.optimizers.relations import OPT1, OPT4
from symtests.properties.optimizers.rule import OPT6
from symtests.properties.starts.many_and_one import MST4
from symtests.properties.starts.multi_start import MST1, MST2
from symtests.properties.starts.random_start import BRK1
from symtests.properties.starts.success_rate import MST3
from symtests.properties.starts.symmetry_breaking import BRK2, BRK3
from symtests.properties.starts.zero_growth import ZERO3
from symtests.properties.starts.zero_init import ZERO1, ZERO2, ZERO4, ZERO5, ZERO6
from symtests.properties.starts.zero_input import ZERO7
from symtests.validation import InvalidValue, nearest, one_of

__all__ = ["FAMILIES", "GROUPS", "PROPERTIES", "family_of", "find", "select"]

PROPERTIES: Final[tuple[Property, ...]] = (
    SYM1, SYM2, SYM3, SYM4, SYM5,
    ZERO1, ZERO2, ZERO3, ZERO4, ZERO5, ZERO6, ZERO7,
    BRK1, BRK2, BRK3,
    INIT1, INIT2, INIT3, INIT4, INIT5, INIT6, INIT7, INIT8,
    GRAD1, GRAD2, GRAD3, GRAD4, GRAD5, GRAD6, GRAD7, GRAD8, GRAD9,
    EQV1, EQV2, EQV3, EQV4, EQV5, EQV6, EQV7, EQV8,
    SAD1, SAD2, SAD3,
    EMB1, EMB2, EMB3, EMB4, EMB5,
    LIN1, LIN2, LIN3,
    STEP1, OWN1,
    OPT1, OPT2, OPT3, OPT4, OPT5, OPT6, STEP2,
    DESC1,
    LOSS1, LOSS2, LOSS3, LOSS4, LOSS5, LOSS6, LOSS7, LOSS8,
    NUM1, NUM2, NUM3, NUM4, NUM5,
    BITS1,
    MST1, MST2, MST3, MST4,
)  # fmt: skip
"""All properties."""


def family_of(prop: str) -> str:
    """Return the name that a property shares with its relatives: GRAD of GRAD1."""
    return prop.rstrip("0123456789")


FAMILIES: Final = tuple(dict.fromkeys(family_of(prop.id) for prop in PROPERTIES))
"""The names of their families."""
GROUPS: Final = tuple(dict.fromkeys(prop.group for prop in PROPERTIES))
"""The names of their groups."""


def find(name: str) -> Property:
    """Return the property with this id.

    Raises
    ------
    InvalidValue
        Where there is none; the message names the nearest.
    """
    by_id = {prop.id: prop for prop in PROPERTIES}
    return by_id[one_of("property", name.upper() if isinstance(name, str) else name, by_id)]


def select(names: Sequence[str] | None = None) -> tuple[Property, ...]:
    """Return the properties with these ids, of these families or groups, in the order of the catalogue; else all.

    Raises
    ------
    InvalidValue
        Where a name is none of these; the message names the nearest.
    """
    if names is None:
        return PROPERTIES
    wanted = {_known_name(name) for name in names}
    return tuple(prop for prop in PROPERTIES if wanted & {prop.id, family_of(prop.id), prop.group})


def _known_name(name: object) -> str:
    for known in (str(name), str(name).upper()):
        if known in GROUPS or known in FAMILIES or any(prop.id == known for prop in PROPERTIES):
            return known
    raise InvalidValue(
        f"property={name!r}: must be a property, as in GRAD1, a family ({', '.join(FAMILIES)}) or a group "
        f"({', '.join(GROUPS)}){nearest(str(name), [*(prop.id for prop in PROPERTIES), *FAMILIES, *GROUPS])}"
    )
