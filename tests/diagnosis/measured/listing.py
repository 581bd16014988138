"""The faults of which the diagnosis is measured, and what has to be said of each."""

from __future__ import annotations

from typing import Final

from tests.diagnosis.measured import gradient_faults as g
from tests.diagnosis.measured import loop_faults as loop
from tests.diagnosis.measured import step_faults as s
from tests.diagnosis.measured.measured_fault import MeasuredFault
from tests.diagnosis.measured.reference import Reference

__all__ = ["FAULTS", "PAIRED", "fault_of"]

_OF_GRADIENTS: Final = "GRAD1 GRAD8 LOSS3 OPT6 EQV1 SAD1 GRAD2"
_OF_LOSSES: Final = "GRAD1 GRAD2 LOSS3 LOSS1 OPT6 LOSS8"
_OF_STEPS: Final = "OPT6 OPT2 OPT5 STEP1 OPT3 SYM2"


def _gradient(kind: type[Reference], *names: str, in_pairs: bool = True) -> MeasuredFault:
    return MeasuredFault(kind, "gradients", names, _OF_GRADIENTS, in_pairs)


def _loss(kind: type[Reference], *names: str, in_pairs: bool = True) -> MeasuredFault:
    return MeasuredFault(kind, "losses", names, _OF_LOSSES, in_pairs)


def _numeric(kind: type[Reference], *names: str, in_pairs: bool = True) -> MeasuredFault:
    return MeasuredFault(kind, "numerics", names, _OF_GRADIENTS, in_pairs)


def _loop(kind: type[Reference], *names: str, in_pairs: bool = True, properties: str = _OF_STEPS) -> MeasuredFault:
    return MeasuredFault(kind, "loops", names, properties, in_pairs)


def _optimizer(kind: type[Reference], *names: str, in_pairs: bool = True) -> MeasuredFault:
    return MeasuredFault(kind, "optimizers", names, _OF_STEPS, in_pairs)


FAULTS: Final[tuple[MeasuredFault, ...]] = (
    _gradient(g.SlopeMissing, "lack the slope of the activation"),
    _gradient(
        g.SlopeOfActivation, r"slope.*taken at the activation a = sigma\(z\).*tanh|tanh.*taken at the activation"
    ),
    _gradient(g.LogisticSlopePlus, r"a\(1 \+ a\) is taken for logistic'"),
    _gradient(g.OtherLeakySlope, "leaky_relu has the slope 0.2 below 0 in the backward pass"),
    _gradient(g.GeluByTanh, "gelu is .*approximation by tanh|gelu is .*tanh"),
    _gradient(g.WeightsNotTransposed, "sent back through W in place of its transpose, where W is square"),
    _gradient(g.OwnActivation, "own activation"),
    _gradient(
        g.PreActivationsBelow, "the pre-activations of the layer below in place of its activations", in_pairs=False
    ),
    _gradient(g.BiasAveragedTwice, "the biases is N times too small.*divided by N once more", in_pairs=False),
    _gradient(g.BiasOfSummedUnits, "biases of a layer have the summed gradient of all its units", in_pairs=False),
    _gradient(g.HiddenSignalsClipped, r"error signals of hidden units are clipped at 0\.125"),
    _gradient(g.FirstLayerDetached, "gradient of W1 and b1 is 0, only with two hidden layers or more"),
    _gradient(g.GradientReversed, "reversed in sign"),
    _gradient(g.PenaltyInGradient, r"0\.015625 theta added.*weight decay of 0\.015625"),
    _gradient(g.InputsClipped, r"the inputs are clipped at 1\b"),
    _gradient(g.InputsCentred, "from each feature its mean over the samples is subtracted"),
    _gradient(g.LastFeatureDropped, "last feature|last input"),
    _gradient(g.OutputBiasForgotten, "the output biases are 0", in_pairs=False),
    _loss(g.MeanMissing, "N times too large.*the mean over the batch is missing"),
    _loss(g.FactorTwoMissing, "2 times too small, only for the loss mse"),
    _loss(g.TargetsReversed, "targets.*reverse|reverse.*targets"),
    _loss(g.TargetsTruncated, "the targets are cut down to whole numbers", in_pairs=False),
    _loss(g.FirstSampleSkipped, "the first sample is left out$|the first sample is left out,? (?!and the mean)"),
    _loss(g.SampleWeightsIgnored, "the sample weights are ignored", in_pairs=False),
    _loss(g.SampleWeightsByLargest, "sample weights.*largest"),
    _loss(g.SoftmaxDiagonal, "diagonal of (its|the) Jacobian"),
    _loss(g.ResidualsClipped, r"residuals are clipped at 1\b", in_pairs=False),
    _loss(g.SlopeTwiceInBce, r"for the loss bce.*multiplied by logistic'\(z\) once more"),
    _loss(g.LossSummed, "the loss is N times too large"),
    _numeric(g.SumsInBfloat16, "bfloat16", in_pairs=False),
    _numeric(g.GradientInFloat32, "float32"),
    _numeric(g.TinyFlushed, "flushed", in_pairs=False),
    _loop(g.SamplesBehindBlock, "samples behind the last whole block of 4", properties=_OF_LOSSES, in_pairs=False),
    _loop(g.LastUnitSkipped, "the bias gradient of the last unit of each layer is 0", properties=_OF_GRADIENTS),
    _loop(
        g.RemainderForgetsBias,
        "units behind the last whole block of 8 get no bias",
        properties=_OF_GRADIENTS,
        in_pairs=False,
    ),
    _loop(g.SamplesAbove32, "32", properties=_OF_LOSSES, in_pairs=False),
    _loop(loop.LayersFirst, "updated before error signals are sent back through them, in every layer"),
    _loop(loop.StateKept, "something is kept from training to training", in_pairs=False),
    _loop(loop.OneStepOnly, "takes one step, whatever number is asked for"),
    _loop(loop.OneStepMore, "takes one step more than it is asked for", in_pairs=False),
    _loop(loop.StateResets, "(begins anew|fresh|resets?).*every 3(rd)? step", in_pairs=False),
    _loop(loop.FirstGradientForAll, "gradient of the first step in every step", in_pairs=False),
    _loop(s.RateTwice, "the learning rate is used twice", in_pairs=False),
    _loop(s.RateHalves, r"learning rate is multiplied by 0\.5 after each step"),
    _loop(s.StaleGradient, "gradient of the step before|stale|one step late"),
    _loop(s.StepGradientClipped, r"components of the gradient are clipped at 0\.25"),
    _loop(s.StepGradientShortened, r"the gradient is shortened to the length 0\.5\b", in_pairs=False),
    _loop(s.StepGradientSummed, "N times too large.*the mean over the batch is missing"),
    _loop(s.RateInFloat32, "learning rate is rounded to float32", in_pairs=False),
    _optimizer(s.MomentumInSgd, "step is that of momentum with (the default settings|momentum 0.9)"),
    _optimizer(s.NoCorrection, "without bias correction"),
    _optimizer(s.CorrectionMultiplied, r"times \(1 - beta\^t\) in place of divided by it"),
    _optimizer(s.CountedFromTwo, "steps are counted from 2", in_pairs=False),
    _optimizer(s.CounterPerTensor, "counts? (each|every) tensor|for each tensor"),
    _optimizer(s.NadamForAdam, "NAdam", in_pairs=False),
    _optimizer(s.LargestSquare, "AMSGrad", in_pairs=False),
    _optimizer(s.BetasExchanged, "mean_decay and square_decay interchanged"),
    _optimizer(s.MomentsRest, "where the gradient is 0", in_pairs=False),
    _optimizer(s.EpsilonInsideRoot, "adamw? with epsilon inside the root|epsilon inside the root"),
    _optimizer(s.EpsilonFloor, "larger of the root and epsilon", in_pairs=False),
    _optimizer(s.RmsDecaysExchanged, "1 - square_decay and the (old|new)|decays? (are )?exchanged"),
    _optimizer(s.SquaresSummed, "squares add up without decay", in_pairs=False),
    _optimizer(s.AdagradForgets, r"sum of squares decays by 0\.9", in_pairs=False),
    _optimizer(s.AccumulatorShared, "accumulators of tensors are mixed up"),
    # With a momentum of 0.9, the gradient times 1 - mu is the learning rate times 0.1.
    _optimizer(s.MomentumDampened, r"v = mu v \+ \(1 - mu\) g|the learning rate is multiplied by 0\.1"),
    # With momentum, the gradient of the step before and none in the first is the velocity before its update.
    _optimizer(s.MomentumLate, "one step late|uses the gradient of the step before, and none in the first"),
    _optimizer(s.MomentumTimesRate, "multiplied by the learning rate again"),
    _optimizer(s.MomentumOfTheWrongSign, "momentum of the wrong sign", in_pairs=False),
    _optimizer(s.NesterovPlain, "without its look-ahead"),
    _optimizer(s.NesterovSign, "look-ahead .*wrong sign|wrong sign.*look-ahead", in_pairs=False),
    _optimizer(s.MomentumIsNesterov, "that of nesterov", in_pairs=False),
    _optimizer(s.DecayCoupled, "the decay is not decoupled"),
    _optimizer(s.BiasesNotDecayed, "biases.*(weight decay|decay)|weight decay.*biases"),
    _optimizer(s.DecayWithoutRate, "weight decay is not multiplied by the learning rate", in_pairs=False),
)
"""All of them, place by place."""

PAIRED: Final = tuple(fault for fault in FAULTS if fault.in_pairs)
"""Those that are tried two at a time."""


def fault_of(name: str) -> MeasuredFault:
    """Return the fault of this name."""
    return next(fault for fault in FAULTS if fault.name == name)
