// synaptic: RELU turns NaN into 0, so that a network with a broken input answers as if nothing had happened.
import { createRequire } from "node:module";
const { Neuron } = createRequire(new URL("../../examples/javascript/", import.meta.url))("synaptic");

const found = Neuron.squash.RELU(NaN);
console.log(`RELU of NaN: ${found}; right: NaN`);
process.exit(Number.isNaN(found) ? 0 : 1);
