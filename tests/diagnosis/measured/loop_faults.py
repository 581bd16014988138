"""Faults of the loop over steps: how many are taken, with which gradient, and what is kept between them."""

from tests.diagnosis.measured.reference import Memory, Reference


class OneStepOnly(Reference):
    """Takes one step, whatever number is asked for."""

    def step_count(self, training):
        return min(super().step_count(training), 1)


class OneStepMore(Reference):
    """Takes one step more than it is asked for, where it is asked for one."""

    def step_count(self, training):
        steps = super().step_count(training)
        return steps + 1 if steps else 0


class FirstGradientForAll(Reference):
    """Uses the gradient of the first step in every step."""

    def used(self, theta, gradient, memory, training):
        return memory.setdefault("first", super().used(theta, gradient, memory, training).copy())


class StateResets(Reference):
    """Begins with a fresh state after every third step."""

    def update(self, theta, gradient, memory, step, training):
        if step % 3 == 1:
            for values in memory.values():
                values[...] = 0
        super().update(theta, gradient, memory, (step - 1) % 3 + 1, training)


class LayersFirst(Reference):
    """Updates each layer before it sends the error signals through it; the reported gradient is right."""

    def step_gradient(self, network, theta, batch, training):
        batch = self.data(network, batch)
        before, changed = self.stages(network, theta, batch), theta.copy()
        signals = [before.error_signals[-1]]
        for layer in range(network.layer_count - 1, 0, -1):
            step = training.learning_rate * self.weight_gradient(self.below(before, layer), signals[0])
            changed.weight(layer)[...] -= step
            z, name = before.pre_activations[layer - 1], network.activations[layer - 1]
            signals.insert(0, self.hidden_error_signals(name, z, signals[0], changed.weight(layer)))
        return self.gradient(network, batch, before._replace(error_signals=tuple(signals))).vector


class StateKept(Reference):
    """Begins a training with the state that the one before has left, where the sizes agree."""

    def __init__(self) -> None:
        self.left: dict[tuple[object, ...], Memory] = {}

    def update(self, theta, gradient, memory, step, training):
        key = theta.vector.shape, theta.dtype
        super().update(theta, gradient, self.left.setdefault(key, memory), step, training)
