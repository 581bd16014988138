"""Every broken implementation, and the laws that are meant to find it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.mutants import backward_faults as backward
from tests.mutants import data_faults as data
from tests.mutants import forward_faults as forward
from tests.mutants import index_faults as index
from tests.mutants import loss_faults as loss
from tests.mutants import memory_faults as memory
from tests.mutants import number_faults as number
from tests.mutants import report_faults as report
from tests.mutants import start_faults as start
from tests.mutants import training_faults as training
from tests.mutants import zero_faults as zero
from tests.mutants.base import Correct

__all__ = ["MUTANTS", "Mutant"]


@dataclass(frozen=True)
class Mutant:
    """A broken implementation.

    Parameters
    ----------
    kind
        Its class; what it can do stands in its ``capabilities``.
    laws
        Ids of the laws that are meant to find it, separated by spaces.
    dtype
        In which it is judged.
    """

    kind: type[Correct]
    laws: str
    dtype: str = "float64"

    @property
    def name(self) -> str:
        """Name of the class."""
        return self.kind.__name__

    @property
    def family(self) -> str:
        """What the fault is in: the name of the file without ``_faults``."""
        return self.kind.__module__.rpartition(".")[2].removesuffix("_faults")

    @property
    def fault(self) -> str:
        """The fault as a sentence, on one line."""
        return " ".join((self.kind.__doc__ or "").split())

    @property
    def meant_for(self) -> tuple[str, ...]:
        """Ids of the laws that are meant to find it."""
        return tuple(self.laws.split())


MUTANTS: Final[tuple[Mutant, ...]] = (
    Mutant(backward.SlopeMissing, "GRAD1 GRAD2 GRAD6 GRAD8 STEP1 EQV5 EQV7"),
    Mutant(backward.SlopeOfActivation, "GRAD1 GRAD8 EQV3"),
    Mutant(backward.TanhSlopeOfPreActivation, "GRAD1 GRAD8"),
    Mutant(backward.OtherLeakySlope, "GRAD1 EQV5"),
    Mutant(backward.LeakyRelu, "GRAD6"),
    Mutant(backward.PreActivationsCached, "GRAD1 GRAD3 EQV5"),
    Mutant(backward.FirstOutputOnly, "GRAD1 GRAD8 EQV1"),
    Mutant(backward.BiasAveragedTwice, "GRAD1 GRAD5 LOSS3 EQV5"),
    Mutant(backward.HiddenBiasFrozen, "GRAD1 GRAD3 GRAD5 GRAD7"),
    Mutant(backward.HiddenSignalsClipped, "EQV4 LOSS5"),
    Mutant(backward.FeaturesShifted, "GRAD1 GRAD4 GRAD5"),
    Mutant(backward.PenaltyOnWeights, "GRAD1 GRAD2 GRAD4 EQV4 EQV5 EQV8 LOSS5 LOSS7"),
    Mutant(data.StridesIgnored, "GRAD4 SYM4"),
    Mutant(data.LabelsRolled, "SYM5 LOSS7"),
    Mutant(data.GradientAveragedOverUnits, "BRK2"),
    Mutant(forward.InputsClipped, "GRAD7 EQV8"),
    Mutant(forward.InputsCentred, "GRAD7"),
    Mutant(forward.ActivationsCapped, "EQV2 EQV4"),
    Mutant(forward.LogisticTooHigh, "EQV3"),
    Mutant(forward.PredictsWithDropout, "LOSS7"),
    Mutant(index.NoiseByUnitIndex, "SYM1 EQV1 EQV2"),
    Mutant(index.RemainderForgetsBias, "EQV1 SYM1"),
    Mutant(index.WeightsNotTransposed, "GRAD1 GRAD8 SYM1 EQV5"),
    Mutant(index.DropoutLeftOn, "SYM1"),
    Mutant(index.LastUnitLeftOut, "EQV1"),
    Mutant(index.WeightsShiftedByOne, "EQV1"),
    Mutant(loss.MeanMissing, "GRAD1 LOSS3 LOSS4 EQV7"),
    Mutant(loss.FactorTwoMissing, "GRAD1 GRAD2 GRAD8 EQV7"),
    Mutant(loss.ExtraSlopeInBce, "GRAD1 LOSS6"),
    Mutant(loss.SoftmaxAsLogistic, "GRAD1 LOSS1 LOSS2 LOSS6"),
    Mutant(loss.ClassesOffByOne, "GRAD1 LOSS6"),
    Mutant(loss.ResidualsClipped, "LOSS5"),
    Mutant(loss.FirstSampleSkipped, "LOSS3 LOSS4 EQV7 ZERO5"),
    Mutant(loss.SampleWeightsIgnored, "GRAD1 LOSS8"),
    Mutant(loss.WeightedSumOverCount, "LOSS3 LOSS8"),
    Mutant(loss.SampleAfterSample, "LOSS4 STEP1"),
    Mutant(memory.GradientsAddUp, "NUM4"),
    Mutant(memory.MomentumCarriedOver, "NUM4"),
    Mutant(memory.InputsScaledInPlace, "NUM4"),
    Mutant(memory.TargetsTurnedIntoResiduals, "NUM4"),
    Mutant(memory.TrainsInPlace, "NUM4"),
    Mutant(memory.RowsOfALargerBatch, "NUM4"),
    Mutant(memory.AnswersShareMemory, "NUM4"),
    Mutant(memory.OtherUnitsDroppedEachTime, "NUM4"),
    Mutant(number.ReluHidesNaN, "NUM1"),
    Mutant(number.MissingInputsAreZero, "NUM1"),
    Mutant(number.GradientWithoutNaN, "NUM1"),
    Mutant(number.EmptyMeanIsZero, "NUM3"),
    Mutant(number.EmptyBatchStillDecays, "NUM3"),
    Mutant(number.SumsInFloat32, "GRAD1"),
    Mutant(report.LossIsSummed, "GRAD2"),
    Mutant(report.GradientOfTheNegativeLoss, "GRAD2"),
    Mutant(report.GradientAfterTheStep, "GRAD2"),
    Mutant(report.LossInHalfPrecision, "GRAD1 GRAD2"),
    Mutant(start.SameNumbersForEveryUnit, "BRK1"),
    Mutant(start.SameNumbersForEveryInput, "BRK1"),
    Mutant(start.ZeroSoldAsRandom, "BRK1"),
    Mutant(start.SeedIgnored, "BRK1"),
    Mutant(start.AnotherStartEachTime, "BRK1"),
    Mutant(training.OutputWeightsFirst, "GRAD1 STEP1 EQV6 ZERO3 ZERO4"),
    Mutant(training.EveryLayerFirst, "STEP1"),
    Mutant(training.RateUsedTwice, "STEP1"),
    Mutant(training.StepClipped, "STEP1"),
    Mutant(training.UnitsOneAfterTheOther, "SYM2"),
    Mutant(training.MemoryOfTheNeighbour, "SYM2"),
    Mutant(training.NoisySteps, "SYM2"),
    Mutant(training.LastHiddenRowFrozen, "SYM3"),
    Mutant(training.WeightsInFewBits, "BRK3"),
    Mutant(zero.ZeroWeightsReplaced, "ZERO1 ZERO4 ZERO7"),
    Mutant(zero.LogisticFromTable, "ZERO2"),
    Mutant(zero.ErrorSignalsPassAllWeights, "ZERO1 ZERO4"),
    Mutant(zero.ReluSlopeOneAtZero, "ZERO6"),
    Mutant(zero.InputsReachOutputs, "ZERO7"),
    Mutant(zero.BiasesFrozen, "ZERO1 ZERO3 ZERO6"),
)  # fmt: skip
"""All of them, family by family."""
