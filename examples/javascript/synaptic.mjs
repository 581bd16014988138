// synaptic in the form in which symtests can check it.
//     npm install && symtests check --command "node synaptic.mjs"
// It learns from one sample at a time, needs a hidden layer, and keeps a bias in every unit. Its error signal is the
// target minus the output: half the squared error for identity outputs, the cross-entropy for logistic ones, summed
// over the outputs. So the rate is 2/m or 1/m of what is asked.
import { createRequire } from "node:module";
import { Unsupported, layersOf, serve } from "./symtests.mjs";

const require = createRequire(import.meta.url);
const { Architect, Neuron } = require("synaptic");
const SQUASH = { identity: "IDENTITY", logistic: "LOGISTIC", tanh: "TANH", relu: "RELU" };

// Return a net with its parameters, and a function that reads them.
function netOf({ network, parameters: { vector } }) {
  const net = new Architect.Perceptron(...network.sizes), layers = [...net.layers.hidden, net.layers.output];
  net.setOptimize(false);
  const names = [...network.activations, network.loss === "bce" ? "logistic" : "identity"];
  const places = layersOf(network).flatMap(({ columns, weights, biases }, l) => layers[l].list.flatMap((neuron, j) => {
    neuron.squash = Neuron.squash[SQUASH[names[l]]];
    const inputs = Object.values(neuron.connections.inputs); // in the order of the units below
    return [{ owner: neuron, key: "bias", at: biases + j },
      ...inputs.map((connection, i) => ({ owner: connection, key: "weight", at: weights + i * columns + j }))];
  }));
  for (const { owner, key, at } of places) owner[key] = vector[at];
  return { net, read: () => places.reduce((all, { owner, key, at }) => ((all[at] = owner[key]), all), []) };
}

const capabilities = {
  activations: Object.keys(SQUASH), losses: ["mse", "bce"], optimizers: ["sgd"], bias: [true], sample_weights: false,
  max_samples: 1, min_hidden_layers: 1, max_width: 17, max_inputs: 17, // it is slow to build
};
serve({ name: "synaptic", version: require("synaptic/package.json").version, capabilities }, {
  train({ network, parameters, batch: { shape: [samples, , outputs], x, y }, training }) {
    if (samples !== 1) throw new Unsupported("it learns from one sample");
    const { net, read } = netOf({ network, parameters }), rate = (network.loss === "mse" ? 2 : 1) / outputs;
    for (let step = 0; step < training.steps; step++) net.activate(x), net.propagate(training.learning_rate * rate, y);
    return { parameters: read() };
  },
});
