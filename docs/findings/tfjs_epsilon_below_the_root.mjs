// TensorFlow.js: rmsprop and adagrad add epsilon below the root; adagrad's is 1e-7 and cannot be chosen.
import { createRequire } from "node:module";
const tf = createRequire(new URL("../../examples/javascript/", import.meta.url))("@tensorflow/tfjs");
tf.env().set("PROD", true);
await tf.setBackend("cpu");

// One step at learning rate 1 on f(x) = g x from x = 0, where the running mean of g^2 is g^2 itself.
function move(optimizer, g) {
  const x = tf.variable(tf.scalar(0));
  optimizer.minimize(() => x.mul(g), false, [x]);
  return -x.dataSync()[0];
}
const rmsprop = move(tf.train.rmsprop(1, 0, 0, 0.25), 1);
console.log(`rmsprop, g = 1, epsilon = 0.25: ${rmsprop.toFixed(6)}`);
console.log(`beside the root: ${(1 / (1 + 0.25)).toFixed(6)}; below it: ${(1 / Math.sqrt(1 + 0.25)).toFixed(6)}`);
const adagrad = move(tf.train.adagrad(1, 0), 2 ** -12);
console.log(`adagrad, g = 2^-12, epsilon = 1e-7: ${adagrad.toFixed(4)}`);
console.log(`beside the root: ${(1 / (1 + 1e-7 * 2 ** 12)).toFixed(4)}; below it: ${(1 / Math.sqrt(1 + 1e-7 * 2 ** 24)).toFixed(4)}`);
process.exit(Math.abs(rmsprop - 0.8) < 1e-6 ? 0 : 1);
