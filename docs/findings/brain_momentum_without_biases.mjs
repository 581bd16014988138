// brain.js: with momentum, the weights keep moving and the biases do not.
import { createRequire } from "node:module";
const { NeuralNetwork } = createRequire(new URL("../../examples/javascript/", import.meta.url))("brain.js");

const net = new NeuralNetwork({ activation: "sigmoid", learningRate: 0.5, momentum: 0.5 });
net.sizes = [1, 1];
net.initialize();
net.weights[1][0][0] = net.biases[1][0] = 0;

// The input is 1, so that the weight and the bias have equal gradients and must move alike.
for (const step of [1, 2, 3]) {
  const weight = net.weights[1][0][0], bias = net.biases[1][0];
  net.trainPattern({ input: [1], output: [1] });
  const moves = [net.weights[1][0][0] - weight, net.biases[1][0] - bias].map((move) => move.toFixed(6));
  console.log(`step ${step}: the weight moves by ${moves[0]}, the bias by ${moves[1]}; right: by the same`);
}
process.exit(net.weights[1][0][0] === net.biases[1][0] ? 0 : 1);
