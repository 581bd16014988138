"""What is said of broken implementations; they are broken by others, and nothing here knows how."""

import pytest

from tests.diagnosis.examined import diagnosis
from tests.mutants import (
    activation_faults,
    backward_faults,
    block_faults,
    cache_faults,
    data_faults,
    depth_faults,
    embedding_faults,
    forward_faults,
    index_faults,
    leftover_faults,
    linear_faults,
    loss_faults,
    memory_faults,
    number_faults,
    optimizer_faults,
    report_faults,
    rounding_faults,
    training_faults,
    zero_faults,
)

OF_GRADIENTS = [
    (loss_faults.MeanMissing, "of every tensor is N times too large (2 times at N = 2, 3 times at N = 3, 5 times",
     "N being the batch size: the mean over the batch is missing."),
    (loss_faults.FactorTwoMissing, "2 times too small, only for the loss mse: a factor of 2 is missing"),
    (loss_faults.ExtraSlopeInBce, "for the loss bce", "multiplied by logistic'(z) once more"),
    (loss_faults.SoftmaxAsLogistic, "the logistic function of each output takes the place of the softmax"),
    (loss_faults.ClassesOffByOne, "compared with the target of the one before, only for the loss softmax"),
    (loss_faults.ResidualsClipped, "residuals are clipped at 1:"),
    (loss_faults.FirstSampleSkipped, "the first sample is left out"),
    (loss_faults.SampleWeightsIgnored, "the sample weights are ignored"),
    (loss_faults.WeightedSumOverCount, "S / N times too large", "divided by the number N of samples"),
    (backward_faults.SlopeMissing, "lack the slope of the activation, as if sigma'(z) were 1"),
    (backward_faults.SlopeOfActivation, "taken at the activation a = sigma(z) in place of the pre-activation z"),
    (backward_faults.TanhSlopeOfPreActivation, "1 - z² (the pre-activation) is taken for tanh'(z)"),
    (backward_faults.OtherLeakySlope, "leaky_relu has the slope 0.2 below 0 in the backward pass"),
    (backward_faults.LeakyRelu, "relu is computed as leaky_relu, in both passes"),
    (backward_faults.PreActivationsCached, "the pre-activations of the layer below in place of its activations"),
    (backward_faults.FirstOutputOnly, "only the error signal of the first unit above is sent back"),
    (backward_faults.BiasAveragedTwice, "of the biases is N times too small", "divided by N once more"),
    (backward_faults.HiddenBiasFrozen, "the gradient of the hidden biases is 0"),
    (backward_faults.HiddenSignalsClipped, "error signals of hidden units are clipped at 0.25"),
    (backward_faults.FeaturesShifted, "each row of the gradient of W1 stands one row further down"),
    (backward_faults.PenaltyOnWeights, "0.001 theta added, as weight decay of 0.001"),
    (forward_faults.InputsClipped, "the inputs are clipped at 1."),
    (forward_faults.InputsCentred, "from each feature its mean over the samples is subtracted"),
    (forward_faults.ActivationsCapped, "activations are capped at 0.5, and units that are pass no error signal back"),
    (forward_faults.LogisticTooHigh, "0.01 is added to logistic(z)"),
    (forward_faults.PredictsWithDropout, "the last unit of each hidden layer is dropped"),
    (data_faults.StridesIgnored, "reads the activations column by column"),
    (data_faults.LabelsRolled, "each output is compared with the target of the one before."),
    (data_faults.GradientAveragedOverUnits, "of the weights of hidden layers is averaged over the units of the layer"),
    (index_faults.RemainderForgetsBias, "units behind the last whole block of 8 get no bias"),
    (index_faults.WeightsNotTransposed, "W in place of its transpose, where W is square"),
    (index_faults.LastUnitLeftOut, "the bias gradient of the last unit of each layer is 0"),
    (index_faults.WeightsShiftedByOne, "each unit's outgoing weights from the row of the unit before"),
    (index_faults.DropoutLeftOn, "only with a hidden layer", "by no constant factor"),
    (index_faults.NoiseByUnitIndex, "the gradient of the weights (of no other tensor) is wrong"),
    (zero_faults.ErrorSignalsPassAllWeights, "on their way back without being multiplied by the weights"),
    (zero_faults.ReluSlopeOneAtZero, "relu'(0) is 1, other than the implementation declares"),
    (zero_faults.BiasesFrozen, "the gradient of the biases is 0"),
    (zero_faults.ZeroWeightsReplaced, "weights that are 0 are replaced by 0.001"),
    (zero_faults.LogisticFromTable, "logistic is read from a table with steps of 0.0625, in the middle of each step"),
    (zero_faults.InputsReachOutputs, "1 times the mean input is added to every output"),
    (memory_faults.GradientsAddUp, "for want of setting the sum to 0"),
    (memory_faults.OtherUnitsDroppedEachTime, "asked 4 times in a row, has 4 different answers"),
    (memory_faults.RowsOfALargerBatch, "samples of the larger batch are still counted in the bias gradient"),
    (number_faults.SumsInFloat32, "it has about 6 right digits"),
    (report_faults.GradientOfTheNegativeLoss, "the gradient of every tensor is reversed in sign"),
    (report_faults.GradientAfterTheStep, "that of the parameters after a step of learning rate 0.1"),
    (rounding_faults.GradientInBfloat16, "rounded to 8 bits, as many as bfloat16 has"),
    (activation_faults.TanhScaled, "tanh is 1.7159 tanh(2 z / 3)"),
    (activation_faults.TanhByFraction, "tanh(z) is approximated by the fraction z (27 + z²) / (27 + 9 z²)"),
    (activation_faults.SiluOfAnotherBeta, "silu is z logistic(1.702 z)"),
    (activation_faults.GeluDensityMissing, "gelu'(z) lacks its second term, z phi(z)"),
    (activation_faults.FirstActivationForAll, "the activation of the first hidden layer is used in every hidden layer"),
    (activation_faults.ReluMaskOfSignal, "stopped where they are not positive"),
    (block_faults.FanInRemainderDropped, "all sums leave out what lies behind the last whole block of 4"),
    (block_faults.LastUnitSkipped, "(wrong at width 9, 12, 17; right at 1, 2, 4, 7, 8, 16)"),
    (block_faults.MeanOverPaddedBatch, "the batch is padded to blocks of 4"),
    (block_faults.WeightsReadByColumns, "read column by column from memory that holds rows"),
    (depth_faults.FirstLayerDetached, "the gradient of W1 and b1 is 0, only with two hidden layers or more"),
    (depth_faults.SlopeInLastHiddenLayerOnly, "only the last hidden layer multiplies error signals by the slope"),
    (depth_faults.OutputBiasForgotten, "the output biases are 0"),
    (depth_faults.SkipConnection, "of the hidden layer below are added to those of a hidden layer of the same width"),
    (embedding_faults.DropoutScaleLeftOn, "the activations of hidden layers of several units are multiplied by 2"),
    (embedding_faults.ScaledByWidthInForwardPass, "divided by the root of its fan-in, and error signals are not"),
    (cache_faults.CachedByShape, "right in the first call with a network and a batch of shapes that were not asked"),
]  # fmt: skip

OF_STEPS = [
    (training_faults.OutputWeightsFirst, "through them, in the output layer: the error grows with the learning rate"),
    (training_faults.EveryLayerFirst, "through them, in every layer: the error grows with the learning rate"),
    (training_faults.RateUsedTwice, "multiplied by the learning rate: the learning rate is used twice"),
    (training_faults.StepClipped, "no component of a step exceeds 0.125"),
    (training_faults.UnitsOneAfterTheOther, "the units of the first layer are updated one after the other"),
    (training_faults.LastHiddenRowFrozen, "the last row of the gradient of the weights between hidden layers is 0"),
    (loss_faults.SampleAfterSample, "sample after sample, each from where the one before has led"),
    (cache_faults.WarmStart, "a training begins where the one before has ended"),
    (cache_faults.RateDecaysFromCallToCall, "0.99 times as large in each further call"),
    (leftover_faults.StepGradientClipped, "the components of the gradient are clipped at 1."),
    (linear_faults.WeightsDecay, "0.0001 theta added whatever the learning rate"),
    (linear_faults.RateFadesAway, "whose learning rate is multiplied by 0.5 after each step"),
]  # fmt: skip

OF_OPTIMIZERS = [
    (optimizer_faults.NesterovWithoutLookAhead, "nesterov", "nesterov without its look-ahead"),
    (optimizer_faults.MomentumDampened, "momentum", "v = mu v + (1 - mu) g"),
    (optimizer_faults.MomentumOfTheWrongSign, "momentum", "a momentum of the wrong sign"),
    (optimizer_faults.NoBiasCorrection, "adam", "adam without bias correction"),
    (optimizer_faults.OnlyMeanCorrected, "adam", "whose mean square lacks the bias correction"),
    (optimizer_faults.StepsCountedFromTwo, "adam", "whose steps are counted from 2"),
    (optimizer_faults.EpsilonInsideRoot, "adam", "adam with epsilon inside the root"),
    (optimizer_faults.EpsilonBeforeCorrection, "adam", "epsilon added before the bias correction"),
    (optimizer_faults.SquareOfTheMean, "adam", "that of the mean, not of the gradient"),
    (optimizer_faults.SquaresSummedUp, "rmsprop", "whose squares add up without decay"),
    (optimizer_faults.AdagradForgets, "adagrad", "sum of squares decays by 0.9 in each step"),
    (optimizer_faults.WeightDecayAsPenalty, "adamw", "the decay is not decoupled"),
    (training_faults.MemoryOfTheNeighbour, "momentum", "the component before"),
    (leftover_faults.MomentumLeftOn, "sgd", "the step is that of momentum with the default settings"),
    (leftover_faults.OneStepOnly, "sgd", "a training takes one step, whatever number is asked for"),
    (leftover_faults.AverageOfAllSteps, "sgd", "the mean of the parameters after each of its steps"),
    (leftover_faults.SettingsOfAnotherLibrary, "momentum", "momentum 0.9, whatever is asked for"),
    (memory_faults.MomentumCarriedOver, "momentum", "something is kept from training to training"),
]

OF_REPORTS = [
    (report_faults.LossIsSummed, "loss_and_gradient", "the loss is N times too large"),
    (report_faults.PenaltyInTheLossOnly, "loss_and_gradient", "0.001 times the sum of theta² added"),
    (report_faults.LossOfTheFirstSample, "loss_and_gradient", "the loss is that of the first sample alone"),
    (report_faults.LossInHalfPrecision, "loss_and_gradient", "the loss is wrong in"),
    (report_faults.PredictsProbabilities, "predict", "logistic(z) in place of the linear outputs z, only for the loss"),
]


@pytest.mark.parametrize(("mutant", "words"), [(mutant, words) for mutant, *words in OF_GRADIENTS])
def test_what_is_wrong_with_a_gradient(mutant: type, words: list[str]) -> None:
    told = diagnosis(mutant())
    assert [word for word in words if word not in told] == [], told


@pytest.mark.parametrize(("mutant", "words"), OF_STEPS)
def test_what_is_wrong_with_a_step(mutant: type, words: str) -> None:
    assert words in diagnosis(mutant(), "train")


@pytest.mark.parametrize(("mutant", "optimizer", "words"), OF_OPTIMIZERS)
def test_what_is_wrong_with_an_optimizer(mutant: type, optimizer: str, words: str) -> None:
    for dtype in ("float64", "float32"):
        assert words in diagnosis(mutant(), "train", optimizer, dtype)


@pytest.mark.parametrize(("mutant", "operation", "words"), OF_REPORTS)
def test_what_is_wrong_beside_the_gradient(mutant: type, operation: str, words: str) -> None:
    assert words in diagnosis(mutant(), operation)


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        (loss_faults.MeanMissing, "N times too large"),
        (backward_faults.SlopeMissing, "lack the slope"),
        (backward_faults.PenaltyOnWeights, "weight decay of 0.001 "),
        (training_faults.OutputWeightsFirst, "the error grows with the learning rate"),
    ],
)
def test_float32_shows_the_same(mutant: type, words: str) -> None:
    assert words in diagnosis(mutant(), dtype="float32")


def test_nothing_is_said_of_what_a_property_did_not_ask_for() -> None:
    assert diagnosis(report_faults.LossIsSummed(), "predict") == ""
    assert diagnosis(training_faults.RateUsedTwice(), "loss_and_gradient") == ""
    assert diagnosis(loss_faults.MeanMissing(), "initialize") == ""
