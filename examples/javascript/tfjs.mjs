// TensorFlow.js, in plain JavaScript on the CPU, in the form in which symtests can check it.
//     npm install && symtests check --command "node tfjs.mjs"
//
// What has to be put right on the way, so that a broken property is TensorFlow.js's and not this file's:
// - Tensors are float32, and so are the sums.
// - The losses of tf.losses divide by the number of weights that are not zero unless they are told to take the mean.
// - Optimizers are given every setting: their own defaults are others (epsilon 1e-7, adagrad starts from 0.1).
// - rmsprop and adagrad add epsilon below the root and symtests adds it to the root; adagrad's is 1e-7 and no option.
//   That is how TensorFlow does it too; it is left as it is, and breaks properties.
// - Its hardSigmoid is 0.2 z + 0.5 between 0 and 1, another function than hard_sigmoid; it is not offered.
// - Each layer gets a seed of its own: an initializer gives the same numbers to two layers of one shape and seed.
import * as tf from "@tensorflow/tfjs";
import { Unsupported, layersOf, serve } from "./symtests.mjs";

tf.env().set("PROD", true);
await tf.setBackend("cpu");

const layer = (activation) => (z) => tf.layers.activation({ activation }).apply(z);
const ACTIVATIONS = {
  identity: (z) => z, logistic: layer("sigmoid"), tanh: layer("tanh"), relu: layer("relu"),
  leaky_relu: (z) => tf.leakyRelu(z, 0.01), softplus: layer("softplus"), gelu: layer("gelu"), silu: layer("swish"),
  mish: layer("mish"), elu: layer("elu"), selu: layer("selu"), softsign: layer("softsign"),
};
const LOSSES = {
  mse: tf.losses.meanSquaredError,
  huber: (y, z, weights, reduction) => tf.losses.huberLoss(y, z, weights, 1, reduction),
  logistic_mse: (y, z, ...rest) => tf.losses.meanSquaredError(y, tf.sigmoid(z), ...rest),
  bce: (y, z, weights, reduction) => tf.losses.sigmoidCrossEntropy(y, z, weights, 0, reduction),
  softmax_cross_entropy: (y, z, weights, reduction) => tf.losses.softmaxCrossEntropy(y, z, weights, 0, reduction),
};
const OPTIMIZERS = {
  sgd: (t) => tf.train.sgd(t.learning_rate),
  momentum: (t) => tf.train.momentum(t.learning_rate, t.momentum),
  nesterov: (t) => tf.train.momentum(t.learning_rate, t.momentum, true),
  adam: (t) => tf.train.adam(t.learning_rate, t.mean_decay, t.square_decay, t.epsilon),
  rmsprop: (t) => tf.train.rmsprop(t.learning_rate, t.square_decay, 0, t.epsilon),
  adagrad: (t) => tf.train.adagrad(t.learning_rate, 0),
};
const STARTS = {
  zeros: "zeros", constant: "constant", uniform: "randomUniform", normal: "randomNormal", orthogonal: "orthogonal",
  glorot_uniform: "glorotUniform", glorot_normal: "glorotNormal", he_uniform: "heUniform", he_normal: "heNormal",
  lecun_uniform: "leCunUniform", lecun_normal: "leCunNormal",
};
// Its own start is what a dense layer has unless told: by its manual a normal distribution, cut off, with the standard
// deviation sqrt(2 / (fan-in + fan-out)), and biases at zero.
const OWN = tf.layers.dense({ units: 1 });
const cutOff = (scale, fan) => ({
  weights: { distribution: "truncated_normal", scale, fan }, biases: { distribution: "constant", scale: 0 },
});
const START_DISTRIBUTIONS = {
  default: cutOff(1, "fan_avg"), glorot_normal: cutOff(1, "fan_avg"), he_normal: cutOff(2, "fan_in"),
  lecun_normal: cutOff(1, "fan_in"),
};
const SETTINGS = { constant: { value: 0.5 }, uniform: { minval: -0.5, maxval: 0.5 }, normal: { mean: 0, stddev: 1 } };

// Return a variable for each weight matrix and bias, in the order of the vector.
function variablesOf(network, vector) {
  return layersOf(network).flatMap(({ rows, columns, weights, biases, end }) => [
    tf.variable(tf.tensor2d(vector.slice(weights, biases), [rows, columns])),
    ...(network.bias ? [tf.variable(tf.tensor1d(vector.slice(biases, end)))] : []),
  ]);
}

// Return the pre-activations of all layers and the activations below them.
function forward(network, variables, x) {
  const pre_activations = [], activations = [x], stride = network.bias ? 2 : 1;
  for (let l = 0; l < network.sizes.length - 1; l++) {
    if (l > 0) activations.push(ACTIVATIONS[network.activations[l - 1]](pre_activations[l - 1]));
    const z = tf.matMul(activations[l], variables[l * stride]);
    pre_activations.push(network.bias ? tf.add(z, variables[l * stride + 1]) : z);
  }
  return { pre_activations, activations };
}

function dataOf({ shape: [samples, inputs, outputs], x, y, sample_weights }) {
  if (samples === 0) throw new Error("the mean over an empty batch is not defined");
  return { x: tf.tensor2d(x, [samples, inputs]), y: y && tf.tensor2d(y, [samples, outputs]), sample_weights };
}

function lossOf(network, variables, { x, y, sample_weights }) {
  const z = forward(network, variables, x).pre_activations.at(-1);
  const each = network.loss === "softmax_cross_entropy" ? [-1] : [-1, 1];
  const weights = sample_weights ? tf.tensor(sample_weights).reshape(each) : 1;
  return LOSSES[network.loss](y, z, weights, tf.Reduction.MEAN);
}

const numbersOf = (tensors) => tensors.flatMap((tensor) => Array.from(tensor.dataSync()));
const tidily = (operation) => (request) => tf.tidy(() => {
  const variables = request.parameters && variablesOf(request.network, request.parameters.vector);
  try {
    return operation({ ...request, variables });
  } finally {
    variables?.forEach((variable) => variable.dispose()); // tidy keeps variables
  }
});

const capabilities = {
  dtypes: ["float32"], activations: Object.keys(ACTIVATIONS), losses: Object.keys(LOSSES),
  optimizers: Object.keys(OPTIMIZERS), start_distributions: START_DISTRIBUTIONS,
};
serve({ name: "tfjs", version: tf.version.tfjs, capabilities }, {
  train: tidily(({ network, variables, batch, training }) => {
    const data = dataOf(batch), optimizer = OPTIMIZERS[training.optimizer](training);
    for (let step = 0; step < training.steps; step++) {
      optimizer.minimize(() => lossOf(network, variables, data), false, variables);
    }
    const parameters = numbersOf(variables);
    optimizer.dispose();
    return { parameters };
  }),
  loss_and_gradient: tidily(({ network, variables, batch }) => {
    const data = dataOf(batch);
    const { value, grads } = tf.variableGrads(() => lossOf(network, variables, data), variables);
    const gradients = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    return { loss: value.dataSync()[0], gradient: numbersOf(gradients) };
  }),
  predict: tidily(({ network, variables, batch }) => {
    return { outputs: numbersOf([forward(network, variables, dataOf(batch).x).pre_activations.at(-1)]) };
  }),
  initialize: tidily(({ network, scheme, seed }) => {
    if (!(scheme in STARTS) && scheme !== "default") throw new Unsupported(`it has no start ${scheme}`);
    const start = (l) => scheme === "default"
      ? tf.initializers.varianceScaling({ ...OWN.kernelInitializer.getConfig(), seed: seed * 64 + l })
      : tf.initializers[STARTS[scheme]]({ ...SETTINGS[scheme], seed: seed * 64 + l });
    const both = ["constant", "uniform", "normal"].includes(scheme); // the others leave biases at zero
    return {
      parameters: numbersOf(layersOf(network).flatMap(({ rows, columns }, l) => [
        start(2 * l).apply([rows, columns]),
        ...(network.bias ? [both ? start(2 * l + 1).apply([columns]) : tf.zeros([columns])] : []),
      ])),
    };
  }),
});
