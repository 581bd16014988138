// The arithmetic of the playing page as an implementation: symtests check --command "node docs/play/play_net.mjs"
import { serve } from "../../examples/javascript/symtests.mjs";
import { lossAndGradient, predict, train } from "./play.mjs";

const capabilities = {
  activations: ["tanh", "logistic", "relu"], losses: ["mse", "logistic_mse", "bce"], optimizers: ["sgd"],
  sample_weights: false,
};

serve({ name: "play", version: "1.0", capabilities }, {
  loss_and_gradient: ({ network, parameters, batch }) => lossAndGradient(network, parameters.vector, batch),
  predict: ({ network, parameters, batch, x, shape }) =>
    ({ outputs: predict(network, parameters.vector, batch ?? { x, shape }) }),
  train: ({ network, parameters, batch, training }) =>
    ({ parameters: train(network, parameters.vector, batch, training.learning_rate, training.steps) }),
});
