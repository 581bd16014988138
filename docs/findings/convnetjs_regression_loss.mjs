// ConvNetJS: the regression layer reports 2 (z - y)^2 and sends z - y back, the derivative of a quarter of that.
import { createRequire } from "node:module";
const { Net, Vol } = createRequire(new URL("../../examples/javascript/", import.meta.url))("convnetjs");

const net = new Net();
net.makeLayers([{ type: "input", out_sx: 1, out_sy: 1, out_depth: 1 }, { type: "regression", num_neurons: 1 }]);
const bias = net.layers[1].biases;
const at = (value) => {
  bias.w[0] = value;
  bias.dw[0] = 0;
  net.forward(new Vol([0]), true);
  return net.backward([1]);
};
const slope = (at(3.5) - at(2.5)) / 1; // exact for a square
at(3);
console.log(`derivative of the loss by the output bias: ${slope.toFixed(4)}`);
console.log(`gradient that a step follows:              ${bias.dw[0].toFixed(4)}`);
console.log("right: the two are equal");
process.exit(slope === bias.dw[0] ? 0 : 1);
