// TensorFlow.js: the scaled normal initializers are cut off at two deviations and not scaled again.
import { createRequire } from "node:module";
const tf = createRequire(new URL("../../examples/javascript/", import.meta.url))("@tensorflow/tfjs");
tf.env().set("PROD", true);
await tf.setBackend("cpu");

const size = 400;
let wrong = 0;
for (const [initializer, variance] of [["glorotNormal", 2 / (2 * size)], ["heNormal", 2 / size], ["leCunNormal", 1 / size]]) {
  const drawn = tf.initializers[initializer]({ seed: 1 }).apply([size, size]).dataSync();
  const found = drawn.reduce((sum, w) => sum + w * w, 0) / drawn.length;
  // 160,000 numbers know their variance to 0.4 %
  wrong += Math.abs(found / variance - 1) > 0.05;
  console.log(`${initializer}: the variance is ${(found / variance).toFixed(2)} times what its manual says; right: 1.00`);
}
process.exit(wrong ? 1 : 0);
