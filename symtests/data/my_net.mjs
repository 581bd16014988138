// A network of plain JavaScript in the form in which symtests can check it: tanh, squared error, gradient descent.
//     symtests check --command "node my_net.mjs"
import { layersOf, serve } from "./symtests.mjs";

const capabilities = { activations: ["tanh"], losses: ["mse"], optimizers: ["sgd"], sample_weights: false };

// Return the activations of all layers for one sample; the output layer is linear.
function forward(network, theta, x) {
  const activations = [x], layers = layersOf(network);
  layers.forEach(({ rows, columns, weights, biases }, l) => {
    const below = activations[l], above = [];
    for (let j = 0; j < columns; j++) {
      let z = network.bias ? theta[biases + j] : 0;
      for (let i = 0; i < rows; i++) z += below[i] * theta[weights + i * columns + j];
      above.push(l < layers.length - 1 ? Math.tanh(z) : z);
    }
    activations.push(above);
  });
  return activations;
}

function lossAndGradient(network, theta, { shape: [samples, inputs, outputs], x, y }) {
  if (samples === 0) throw new Error("the mean over an empty batch is not defined");
  const gradient = theta.map(() => 0);
  let loss = 0;
  for (let n = 0; n < samples; n++) {
    const activations = forward(network, theta, x.slice(n * inputs, (n + 1) * inputs));
    const errors = activations.at(-1).map((z, k) => z - y[n * outputs + k]);
    for (const error of errors) loss += error ** 2 / (samples * outputs);
    let signals = errors.map((error) => (2 * error) / (samples * outputs)); // dL/dz, layer by layer from above
    for (const [l, { rows, columns, weights, biases }] of [...layersOf(network).entries()].reverse()) {
      const below = activations[l], sums = Array(rows).fill(0);
      for (let j = 0; j < columns; j++) {
        if (network.bias) gradient[biases + j] += signals[j];
        for (let i = 0; i < rows; i++) {
          gradient[weights + i * columns + j] += below[i] * signals[j];
          sums[i] += theta[weights + i * columns + j] * signals[j];
        }
      }
      signals = sums.map((sum, i) => sum * (1 - below[i] ** 2)); // the derivative of tanh
    }
  }
  return { loss, gradient };
}

serve({ name: "my-net", version: "1.0", capabilities }, {
  loss_and_gradient: ({ network, parameters, batch }) => lossAndGradient(network, parameters.vector, batch),
  train({ network, parameters, batch, training }) {
    let theta = parameters.vector;
    for (let step = 0; step < training.steps; step++) {
      const { gradient } = lossAndGradient(network, theta, batch);
      theta = theta.map((value, k) => value - training.learning_rate * gradient[k]);
    }
    return { parameters: theta };
  },
});
