// brain.js in the form in which symtests can check it.
//     npm install && symtests check --command "node brain.mjs"
//     symtests check --command "node brain.mjs --own" --property OWN1
//
// What has to be put right on the way, so that a broken property is brain.js's and not this file's:
// - All layers have one activation, the output too: only the logistic function with squared error is a network of
//   symtests (logistic_mse). With --own, every activation is offered, for the property OWN1 alone, which asks whether the
//   steps that brain.js takes follow the derivative of the error that it reports, whatever that is.
// - It trains on one sample at a time (max_samples is 1), and every layer has biases.
// - Its step follows half the sum of squares, while the error that it reports, like symtests' loss, is their mean over
//   m outputs: the rate is 2/m of what is asked, and adam's epsilon m/2 times.
// - Options for learningRate and momentum are refused outside of (0, 1): they are set behind that check.
// - Numbers are stored in Float32Array, so that float32 is what it can do.
// - Its own start, between -0.2 and 0.2, is drawn from Math.random, which knows no seed: it gets another one meanwhile.
import { createRequire } from "node:module";
import { Unsupported, layersOf, serve } from "./symtests.mjs";

const require = createRequire(import.meta.url);
const { NeuralNetwork } = require("brain.js");
const own = process.argv.includes("--own");
const SMALL = { distribution: "uniform", scale: 0.2 ** 2 / 3 }; // its own start: between -0.2 and 0.2
const ACTIVATIONS = { logistic: "sigmoid", tanh: "tanh", relu: "relu", leaky_relu: "leaky-relu" };

function netOf(network, theta, training = {}) {
  const names = network.activations.map((name) => ACTIVATIONS[name]);
  if (new Set(names).size > 1) throw new Unsupported("all layers have one activation");
  const net = new NeuralNetwork({ activation: names[0] ?? "sigmoid" });
  net.sizes = network.sizes;
  const scale = 2 / network.sizes.at(-1); // its gradient times this is the one of the mean, which it reports too
  const adam = training.optimizer === "adam";
  Object.assign(net.trainOpts, {
    learningRate: (training.learning_rate ?? 1) * (adam ? 1 : scale),
    momentum: training.optimizer === "momentum" ? training.momentum : 0,
    ...(adam && {
      praxis: "adam", beta1: training.mean_decay, beta2: training.square_decay, epsilon: training.epsilon / scale,
    }),
  });
  net.initialize();
  if (theta) each(network, (l, j, i, at) => (i === null ? (net.biases[l][j] = theta[at]) : (net.weights[l][j][i] = theta[at])));
  return { net, scale };
}

// Call `visit` for each parameter with its layer, its unit, the unit below (null for a bias) and its place.
function each(network, visit) {
  layersOf(network).forEach(({ rows, columns, weights, biases }, l) => {
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < rows; i++) visit(l + 1, j, i, weights + i * columns + j);
      visit(l + 1, j, null, biases + j);
    }
  });
}

function vectorOf(network, weights, biases) {
  const vector = [];
  each(network, (l, j, i, at) => (vector[at] = i === null ? biases[l][j] : weights[l][j][i]));
  return vector;
}

function sampleOf(batch) {
  if (batch.shape[0] === 0) throw new Error("there is no sample");
  return { input: Float32Array.from(batch.x), output: Float32Array.from(batch.y) };
}

// Give Math.random a seed while `draw` runs (mulberry32).
function withSeed(seed, draw) {
  const random = Math.random;
  let state = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
  Math.random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  try {
    return draw();
  } finally {
    Math.random = random;
  }
}

const capabilities = {
  dtypes: ["float32"], activations: own ? Object.keys(ACTIVATIONS) : ["logistic"], losses: ["logistic_mse"],
  optimizers: ["sgd", "momentum", "adam"], bias: [true], sample_weights: false, max_samples: 1,
  starts: [], start_distributions: { default: { weights: SMALL, biases: SMALL } },
};
const name = own ? "brain.js's own error" : "brain.js";
serve({ name, version: require("brain.js/package.json").version, capabilities }, {
  train({ network, parameters, batch, training }) {
    const { net } = netOf(network, parameters.vector, training), sample = sampleOf(batch);
    for (let step = 0; step < training.steps; step++) net.trainPattern(sample);
    return { parameters: vectorOf(network, net.weights, net.biases) };
  },
  loss_and_gradient({ network, parameters, batch }) {
    const { net, scale } = netOf(network, parameters.vector);
    net.trainOpts.learningRate = 1;
    const loss = net.trainPattern(sampleOf(batch), true); // its changes and deltas are minus its gradient
    const gradient = vectorOf(network, net.changes, net.deltas).map((change) => -change * scale);
    return { loss, gradient };
  },
  initialize({ network, scheme, seed }) {
    if (scheme !== "default") throw new Unsupported("it has one start, its own");
    const { net } = withSeed(seed, () => netOf(network));
    return { parameters: vectorOf(network, net.weights, net.biases) };
  },
});
