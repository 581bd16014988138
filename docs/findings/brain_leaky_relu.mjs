// brain.js: leaky-relu is computed as 0.01 relu, and differentiated as if it were leaky relu.
import { createRequire } from "node:module";
const { NeuralNetwork } = createRequire(new URL("../../examples/javascript/", import.meta.url))("brain.js");

const net = new NeuralNetwork({ activation: "leaky-relu", leakyReluAlpha: 0.01 });
net.sizes = [1, 1];
net.initialize();
net.weights[1][0][0] = 1;
net.biases[1][0] = 0;
const outputs = [2, -2].map((input) => net.run([input])[0]);
console.log(`leaky relu of 2: ${outputs[0].toFixed(4)}; right: 2`);
console.log(`leaky relu of -2: ${outputs[1].toFixed(4)}; right: -0.02`);
net.runInput([2]);
net.calculateDeltas([0]);
console.log(`error signal for 2: ${net.deltas[1][0].toFixed(4)}, as if the slope were 1; it is 0.01 there`);
process.exit(outputs[0] === 2 ? 0 : 1);
