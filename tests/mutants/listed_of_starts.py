"""The mutants whose fault lies in how a start is drawn, family by family."""

from __future__ import annotations

from typing import Final

from tests.mutants import dependence_faults as dependence
from tests.mutants import initialization_faults as initialization
from tests.mutants import orthogonal_faults as orthogonal
from tests.mutants.mutant import Mutant

__all__ = ["OF_STARTS"]

OF_STARTS: Final[tuple[Mutant, ...]] = (
    Mutant(dependence.UnitsInOppositePairs, "INIT5"),
    Mutant(dependence.UnitsInRandomOppositePairs, "INIT5"),
    Mutant(dependence.LastRowRepeated, "INIT5"),
    Mutant(dependence.LayersNearlyEqual, "INIT5"),
    Mutant(dependence.LayersOfOppositeSign, "INIT5"),
    Mutant(dependence.LayersTransposed, "INIT5"),
    Mutant(dependence.SecondLayerIgnoresTheSeed, "INIT5"),
    Mutant(dependence.NeighbouringSeedsCorrelated, "INIT5"),
    Mutant(dependence.SixtyFourNumbersOverAndOver, "INIT5"),
    Mutant(dependence.WeightsOfRankOneInSigns, "INIT8"),
    Mutant(initialization.HeByFanOut, "INIT2 INIT3"),
    Mutant(initialization.HeWithoutItsTwo, "INIT2 INIT8"),
    Mutant(initialization.FansSwapped, "INIT2"),
    Mutant(initialization.GlorotByTheSum, "INIT2 INIT8"),
    Mutant(initialization.VarianceFivePercentOff, "INIT2"),
    Mutant(initialization.UniformFromZero, "INIT2 INIT3 INIT4"),
    Mutant(initialization.DeviationTakenForBound, "INIT2 INIT3"),
    Mutant(initialization.BoundTakenForDeviation, "INIT2 INIT4 INIT8"),
    Mutant(initialization.TruncatedWithoutRescaling, "INIT2 INIT3 INIT4"),
    Mutant(initialization.TruncatedSoldAsNormal, "INIT3 INIT4"),
    Mutant(initialization.CutOffAtThree, "INIT3"),
    Mutant(initialization.SumOfTwelveForNormal, "INIT4"),
    Mutant(initialization.UniformForNormal, "INIT3 INIT4"),
    Mutant(initialization.SignsAlone, "INIT4"),
    Mutant(initialization.RandomBiases, "INIT1"),
    Mutant(initialization.TinyBiases, "INIT1"),
    Mutant(initialization.ZerosThatAreTiny, "INIT1"),
    Mutant(initialization.ConstantJittered, "INIT1"),
    Mutant(initialization.AllWeightsPositive, "INIT2 INIT3 INIT4"),
    Mutant(initialization.OneWeightInAHundredZero, "INIT3"),
    Mutant(initialization.LastUnitAtHalf, "INIT2"),
    Mutant(initialization.FirstFanForAllLayers, "INIT2"),
    Mutant(initialization.DeepLayersDrawnSmaller, "INIT2 INIT8"),
    Mutant(orthogonal.OrthogonalThatIsNormal, "INIT6"),
    Mutant(orthogonal.OrthogonalByGainOfRelu, "INIT6"),
    Mutant(orthogonal.OrthogonalInHalfPrecision, "INIT6"),
    Mutant(orthogonal.OrthogonalWithTheSignsOfQR, "INIT7"),
    Mutant(orthogonal.OrthogonalByPermutation, "INIT7"),
)
"""Each with the ids of the properties that are meant to find it."""
