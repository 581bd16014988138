"""Every broken implementation, and the laws that are meant to find it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.mutants import activation_faults as activation
from tests.mutants import backward_faults as backward
from tests.mutants import block_faults as block
from tests.mutants import cache_faults as cache
from tests.mutants import data_faults as data
from tests.mutants import depth_faults as depth
from tests.mutants import forward_faults as forward
from tests.mutants import index_faults as index
from tests.mutants import leftover_faults as leftover
from tests.mutants import loss_faults as loss
from tests.mutants import memory_faults as memory
from tests.mutants import number_faults as number
from tests.mutants import race_faults as race
from tests.mutants import report_faults as report
from tests.mutants import rounding_faults as rounding
from tests.mutants import start_faults as start
from tests.mutants import target_faults as target
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
    Mutant(activation.IdentitySlopeOfZ, "GRAD1 GRAD8"),
    Mutant(activation.LogisticSlopeOfHardLogistic, "GRAD1 GRAD8"),
    Mutant(activation.LogisticSlopePlus, "GRAD1 GRAD8 EQV3"),
    Mutant(activation.TanhScaled, "GRAD1"),
    Mutant(activation.TanhByFraction, "GRAD1 GRAD2"),
    Mutant(activation.ReluCappedAtSix, "EQV4"),
    Mutant(activation.ReluMaskOfSignal, "GRAD1 GRAD6 EQV5"),
    Mutant(activation.LeakySlopeOfAnotherLibrary, "GRAD1"),
    Mutant(activation.LeakySlopeNoneAtZero, "ZERO6"),
    Mutant(activation.SoftplusSlopeOfMinusZ, "GRAD1 GRAD8"),
    Mutant(activation.SoftplusLinearTooEarly, "GRAD1"),
    Mutant(activation.GeluSlopeOfTanh, "GRAD1 GRAD2"),
    Mutant(activation.GeluByTanh, "GRAD1"),
    Mutant(activation.GeluDensityMissing, "GRAD1 GRAD8"),
    Mutant(activation.SiluTermMissing, "GRAD1 GRAD8"),
    Mutant(activation.SiluOfAnotherBeta, "GRAD1"),
    Mutant(activation.FirstActivationForAll, "GRAD1"),
    Mutant(activation.SlopeOfTheLayerAbove, "GRAD1 GRAD2"),
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
    Mutant(block.LastUnitSkipped, "EQV1 SYM1"),
    Mutant(block.StaleAccumulator, "EQV1 SYM1"),
    Mutant(block.FanInRemainderDropped, "GRAD1 EQV1"),
    Mutant(block.SampleRemainderDropped, "LOSS3 LOSS4"),
    Mutant(block.MeanOverPaddedBatch, "LOSS3 LOSS4"),
    Mutant(block.SumOrderByUnit, "SYM1"),
    Mutant(block.SumInBlocksByWidth, "SYM1"),
    Mutant(block.IndexOfEightBits, "EQV1 GRAD1"),
    Mutant(block.PaddingCounts, "GRAD1 ZERO2"),
    Mutant(block.GradientTransposedWhenSquare, "GRAD1 SYM1"),
    Mutant(block.WeightsReadByColumns, "GRAD1 EQV1"),
    Mutant(cache.GradientArrayShared, "NUM4"),
    Mutant(cache.OutputsShared, "NUM4"),
    Mutant(cache.CachedByShape, "NUM4"),
    Mutant(cache.CachedByInputs, "NUM4"),
    Mutant(cache.CachedByNetwork, "NUM4"),
    Mutant(cache.WarmStart, "NUM4"),
    Mutant(cache.RateDecaysFromCallToCall, "NUM4"),
    Mutant(cache.StepsCountedOn, "NUM4"),
    Mutant(cache.RunningMeanOfInputs, "NUM4"),
    Mutant(cache.StaleTranspose, "SYM3"),
    Mutant(cache.TwoBuffersForAllLayers, "GRAD1 GRAD3"),
    Mutant(cache.ActivationsOverwritten, "GRAD1 GRAD3"),
    Mutant(data.StridesIgnored, "GRAD4 SYM4"),
    Mutant(data.LabelsRolled, "SYM5 LOSS7"),
    Mutant(data.GradientAveragedOverUnits, "BRK2"),
    Mutant(depth.FirstLayerDetached, "GRAD1 GRAD2"),
    Mutant(depth.SlopeInLastHiddenLayerOnly, "GRAD1 EQV5"),
    Mutant(depth.SignalsSkipALayer, "GRAD1 EQV5"),
    Mutant(depth.PreActivationsOfTheLayerAbove, "GRAD1"),
    Mutant(depth.HiddenLayersShareWeights, "GRAD1"),
    Mutant(depth.FourthLayerForgotten, "GRAD1"),
    Mutant(depth.SkipConnection, "GRAD1"),
    Mutant(depth.OutputBiasForgotten, "GRAD1 LOSS7"),
    Mutant(depth.OutputsActivated, "GRAD1 GRAD2"),
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
    Mutant(leftover.GradientNormClipped, "GRAD1 LOSS5"),
    Mutant(leftover.StepGradientClipped, "STEP1"),
    Mutant(leftover.WeightDecayLeftOn, "STEP1"),
    Mutant(leftover.MomentumLeftOn, "ZERO3"),
    Mutant(leftover.LeastRate, "STEP1"),
    Mutant(leftover.RateWarmsUp, "STEP1"),
    Mutant(leftover.RateDecaysWithSteps, "SYM2"),
    Mutant(leftover.StopsEarly, "SYM2"),
    Mutant(leftover.StopsOnSmallGradients, "STEP1"),
    Mutant(leftover.OneStepOnly, "ZERO3"),
    Mutant(leftover.OneStepTooMany, "ZERO3"),
    Mutant(leftover.BestOfAllSteps, "STEP1"),
    Mutant(leftover.AverageOfAllSteps, "ZERO3"),
    Mutant(leftover.BatchNormalized, "GRAD1 LOSS3"),
    Mutant(leftover.WeightsNormalized, "GRAD1 GRAD2"),
    Mutant(leftover.BiasDespiteAll, "SYM2"),
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
    Mutant(race.EveryOtherUpdateLost, "GRAD1 LOSS3 LOSS4"),
    Mutant(race.HalvesOverwriteEachOther, "GRAD1 LOSS3 GRAD5"),
    Mutant(race.UpdateLostNowAndThen, "NUM4"),
    Mutant(race.AccumulatorSharedByLayers, "GRAD1 GRAD3"),
    Mutant(race.MicroBatchMeansAveraged, "LOSS3 LOSS4 LOSS8"),
    Mutant(race.WorkersNotAveraged, "LOSS3 LOSS4"),
    Mutant(race.WorkersDisagreeOnBias, "GRAD1 GRAD5 LOSS4"),
    Mutant(race.LastTaskTakesAll, "GRAD1 LOSS3"),
    Mutant(report.LossIsSummed, "GRAD2"),
    Mutant(report.GradientOfTheNegativeLoss, "GRAD2"),
    Mutant(report.GradientAfterTheStep, "GRAD2"),
    Mutant(report.LossInHalfPrecision, "GRAD1 GRAD2"),
    Mutant(report.PenaltyInTheLossOnly, "GRAD1 GRAD2"),
    Mutant(report.PredictsProbabilities, "ZERO7"),
    Mutant(report.PredictsInAnotherOrder, "LOSS7"),
    Mutant(report.StagesOfTheSum, "GRAD8"),
    Mutant(report.LossOfTheFirstSample, "GRAD1 LOSS3"),
    Mutant(report.LossOfTheStepBefore, "NUM4"),
    Mutant(rounding.RateInFloat32, "STEP1"),
    Mutant(rounding.LossInFloat32, "GRAD1"),
    Mutant(rounding.GradientInBfloat16, "GRAD1"),
    Mutant(rounding.BiasGradientInFloat32, "GRAD1 GRAD5"),
    Mutant(rounding.ActivationsInFloat32, "GRAD1"),
    Mutant(rounding.InputsInFloat16, "GRAD1"),
    Mutant(rounding.SignalsInElevenBits, "GRAD1 GRAD8"),
    Mutant(rounding.SmallSignalsVanish, "GRAD1 EQV4"),
    Mutant(rounding.SmallWeightsPruned, "GRAD1 EQV4"),
    Mutant(rounding.SharesInFloat32, "GRAD1 LOSS3"),
    Mutant(rounding.StateInFloat32, "STEP1"),
    Mutant(rounding.ParametersInFloat32BetweenSteps, "STEP1"),
    Mutant(start.SameNumbersForEveryUnit, "BRK1"),
    Mutant(start.SameNumbersForEveryInput, "BRK1"),
    Mutant(start.ZeroSoldAsRandom, "BRK1"),
    Mutant(start.SeedIgnored, "BRK1"),
    Mutant(start.AnotherStartEachTime, "BRK1"),
    Mutant(start.SameSeedForEveryLayer, "BRK1"),
    Mutant(start.SeedOfEightBits, "BRK1"),
    Mutant(start.SeedOfSixteenBits, "BRK1"),
    Mutant(start.SeedsOverlap, "BRK1"),
    Mutant(start.StartOnACoarseGrid, "BRK1"),
    Mutant(start.UnitsMirrored, "BRK1"),
    Mutant(start.GlobalGeneratorReseeded, "NUM4"),
    Mutant(target.LabelsSmoothed, "GRAD1 LOSS6"),
    Mutant(target.TargetsOfTheNextSample, "GRAD1 LOSS3"),
    Mutant(target.TargetsTruncated, "GRAD1"),
    Mutant(target.SharedTargetsHardened, "GRAD1"),
    Mutant(target.TargetsOfBceClipped, "GRAD1 LOSS6"),
    Mutant(target.ResidualsOfAllPairs, "GRAD1 LOSS3"),
    Mutant(target.MseSummedOverOutputs, "GRAD1"),
    Mutant(target.BceSignalsNotAveraged, "GRAD1 GRAD2"),
    Mutant(target.CrossEntropyOverClasses, "GRAD1 LOSS6"),
    Mutant(target.SoftmaxOverTheBatch, "GRAD1 LOSS1 LOSS3"),
    Mutant(target.SoftmaxTwice, "GRAD1 LOSS6"),
    Mutant(target.MaximumMoves, "GRAD1 LOSS1"),
    Mutant(target.LogisticMseWithoutSlope, "GRAD1 GRAD2"),
    Mutant(target.LossOfHalfTheSquare, "GRAD1 GRAD2"),
    Mutant(target.PositivesWeighTwice, "GRAD1"),
    Mutant(target.BceClipped, "GRAD1"),
    Mutant(target.SampleWeightsSquared, "GRAD1 LOSS3 LOSS8"),
    Mutant(target.SampleWeightsAppliedTwice, "GRAD1 LOSS3 LOSS8"),
    Mutant(target.SampleWeightsInLossOnly, "GRAD1 GRAD2 LOSS8"),
    Mutant(target.SampleWeightsOfAnotherOrder, "GRAD1 LOSS3 LOSS8"),
    Mutant(target.SingleSampleSqueezed, "GRAD1 LOSS3"),
    Mutant(target.CopiesDropped, "LOSS4"),
    Mutant(target.ZeroWeightsCountAsOne, "LOSS8"),
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
