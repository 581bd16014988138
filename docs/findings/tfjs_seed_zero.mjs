// TensorFlow.js: the seed 0 is no seed.
import { createRequire } from "node:module";
const tf = createRequire(new URL("../../examples/javascript/", import.meta.url))("@tensorflow/tfjs");
tf.env().set("PROD", true);
await tf.setBackend("cpu");

let wrong = 0;
for (const initializer of ["randomNormal", "randomUniform", "glorotUniform", "heNormal"]) {
  for (const seed of [1, 0]) {
    const draw = () => tf.initializers[initializer]({ seed }).apply([2, 2]).dataSync().join();
    const same = draw() === draw();
    wrong += !same;
    console.log(`${initializer} with seed ${seed}, drawn twice: ${same ? "the same" : "different"}; right: the same`);
  }
}
process.exit(wrong ? 1 : 0);
