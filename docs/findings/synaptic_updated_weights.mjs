// synaptic: the output layer moves its weights before the hidden layer reads them for its error signals.
import { createRequire } from "node:module";
const { Architect, Neuron } = createRequire(new URL("../../examples/javascript/", import.meta.url))("synaptic");

let right = true;
for (const rate of [0.5, 0.25, 0.125]) {
  const net = new Architect.Perceptron(1, 1, 1), [hidden] = net.layers.hidden[0].list, [output] = net.layers.output.list;
  hidden.squash = output.squash = Neuron.squash.IDENTITY;
  const [below] = Object.values(hidden.connections.inputs), [above] = Object.values(output.connections.inputs);
  net.setOptimize(false); // or else the weights below are read before they are brought back; the steps are the same
  hidden.bias = output.bias = 0;
  below.weight = 1;
  above.weight = 1;
  net.activate([1]);
  net.propagate(rate, [-1]); // half the squared error: its derivative by the first weight is (1 + 1) * 1 * 1
  const found = (below.weight - 1) / rate;
  right &&= found === -2;
  console.log(`rate ${rate}: the step of the first weight divided by the rate is ${found.toFixed(6)}; right: -2.000000`);
}
process.exit(right ? 0 : 1);
