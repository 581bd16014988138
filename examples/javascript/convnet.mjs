// ConvNetJS in the form in which symtests can check it.
//     npm install && symtests check --command "node convnet.mjs"
// Its regression follows half the sum of squares, so that the rate is 2/m of what is asked; its softmax takes a class.
import { createRequire } from "node:module";
import { layersOf, serve } from "./symtests.mjs";
const require = createRequire(import.meta.url);
const { Net, Trainer, Vol } = require("convnetjs");
const ACTIVATIONS = { identity: undefined, logistic: "sigmoid", tanh: "tanh", relu: "relu" };

function netOf({ sizes, activations, loss, ...network }, vector) {
  const [inputs, outputs] = [sizes[0], sizes.at(-1)], net = new Net();
  net.makeLayers([
    { type: "input", out_sx: 1, out_sy: 1, out_depth: inputs },
    ...activations.map((name, l) => ({ type: "fc", num_neurons: sizes[l + 1], activation: ACTIVATIONS[name] })),
    loss === "mse" ? { type: "regression", num_neurons: outputs } : { type: "softmax", num_classes: outputs },
  ]);
  const dense = net.layers.filter((layer) => layer.layer_type === "fc");
  const places = layersOf({ sizes, ...network }).flatMap(({ columns, weights, biases }, l) => [
    ...dense[l].filters.flatMap(({ w }, j) => [...w.keys()].map((i) => ({ w, i, at: weights + i * columns + j }))),
    ...[...dense[l].biases.w.keys()].map((j) => ({ w: dense[l].biases.w, i: j, at: biases + j })),
  ]);
  for (const { w, i, at } of places) w[i] = vector[at];
  return { net, read: () => places.reduce((all, { w, i, at }) => ((all[at] = w[i]), all), []) };
}

serve({ name: "ConvNetJS", version: require("convnetjs/package.json").version, capabilities: {
  activations: Object.keys(ACTIVATIONS), losses: ["mse", "softmax_cross_entropy"], optimizers: ["sgd", "momentum"],
  class_targets: ["softmax_cross_entropy"], bias: [true], sample_weights: false,
} }, {
  train({ network, parameters, batch: { shape: [samples, inputs, outputs], x, y }, training: { optimizer, ...told } }) {
    const { net, read } = netOf(network, parameters.vector), scale = network.loss === "mse" ? 2 / outputs : 1;
    const momentum = optimizer === "momentum" ? told.momentum : 0, learning_rate = told.learning_rate * scale;
    const trainer = new Trainer(net, { learning_rate, momentum, batch_size: samples });
    for (let k = 0; k < told.steps * samples; k++) {
      const n = k % samples, target = y.slice(n * outputs, (n + 1) * outputs);
      trainer.train(new Vol(x.slice(n * inputs, (n + 1) * inputs)), network.loss === "mse" ? target : target.indexOf(1));
    }
    return { parameters: read() };
  },
});
