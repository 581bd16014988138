// synaptic: a learning rate of 0 is taken for none, and 0.1 in its place.
import { createRequire } from "node:module";
const { Architect } = createRequire(new URL("../../examples/javascript/", import.meta.url))("synaptic");

const net = new Architect.Perceptron(1, 1, 1), [output] = net.layers.output.list;
output.bias = 0;
net.setOptimize(false);
const activation = net.activate([1])[0];
net.propagate(0, [activation - 1]);
console.log(`at rate 0 the output bias moves by ${output.bias.toFixed(4)}; right: 0.0000`);
process.exit(output.bias === 0 ? 0 : 1);
