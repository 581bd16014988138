// ConvNetJS: tanh is computed as (e^2z - 1) / (e^2z + 1), which is NaN as soon as e^2z is infinite.
import { createRequire } from "node:module";
const { Net, Vol } = createRequire(new URL("../../examples/javascript/", import.meta.url))("convnetjs");

const net = new Net();
net.makeLayers([
  { type: "input", out_sx: 1, out_sy: 1, out_depth: 1 },
  { type: "fc", num_neurons: 1, activation: "tanh" },
  { type: "regression", num_neurons: 1 },
]);
net.layers[1].filters[0].w[0] = 1;
net.layers[1].biases.w[0] = 0;
const [small, large] = [300, 400].map((z) => (net.forward(new Vol([z])), net.layers[2].out_act.w[0]));
console.log(`tanh of 300: ${small}; right: 1`);
console.log(`tanh of 400: ${large}; right: 1`);
process.exit(large === 1 ? 0 : 1);
