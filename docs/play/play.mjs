// The arithmetic of the playing page: networks of dense layers, their losses and gradients, gradient descent, starts.
// play_net.mjs offers the same functions to symtests, which judges them; the page holds a copy of this file.

const logistic = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

// Each activation with its slope, which is told from the pre-activation and the output.
export const ACTIVATIONS = {
  tanh: { of: Math.tanh, slope: (z, a) => 1 - a * a },
  logistic: { of: logistic, slope: (z, a) => a * (1 - a) },
  relu: { of: (z) => (Number.isNaN(z) ? z : Math.max(z, 0)), slope: (z) => (z > 0 ? 1 : 0) },
};

// Each loss of one output z against its target y, and its derivative by z; the mean over samples and outputs is taken.
export const LOSSES = {
  mse: { of: (z, y) => (z - y) ** 2, slope: (z, y) => 2 * (z - y) },
  logistic_mse: {
    of: (z, y) => (logistic(z) - y) ** 2,
    slope: (z, y) => { const p = logistic(z); return 2 * (p - y) * p * (1 - p); },
  },
  bce: {
    of: (z, y) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z,
    slope: (z, y) => logistic(z) - y,
  },
};

// Return where the numbers of each layer lie in the vector of parameters: W row by row (a row for each unit below), then b.
export function layersOf({ sizes, bias }) {
  let start = 0;
  return sizes.slice(1).map((columns, l) => {
    const rows = sizes[l], weights = start, biases = start + rows * columns;
    start = biases + (bias ? columns : 0);
    return { rows, columns, weights, biases };
  });
}

// Return the number of parameters.
export const countOf = ({ sizes, bias }) =>
  sizes.slice(1).reduce((sum, columns, l) => sum + (sizes[l] + (bias ? 1 : 0)) * columns, 0);

// Return the pre-activations and the outputs of all layers for one sample. `kept` holds, for each unit of the first
// hidden layer, the factor of dropout: 0 where it is dropped.
export function forward(network, theta, x, kept = null) {
  const layers = layersOf(network), zs = [], activations = [x];
  layers.forEach(({ rows, columns, weights, biases }, l) => {
    const below = activations[l], z = Array(columns);
    for (let j = 0; j < columns; j++) {
      let sum = network.bias ? theta[biases + j] : 0;
      for (let i = 0; i < rows; i++) sum += below[i] * theta[weights + i * columns + j];
      z[j] = sum;
    }
    zs.push(z);
    if (l === layers.length - 1) activations.push(z);
    else {
      const { of } = ACTIVATIONS[network.activations[l]];
      activations.push(z.map((value, j) => of(value) * (kept && l === 0 ? kept[j] : 1)));
    }
  });
  return { zs, activations };
}

// Return the linear outputs of all samples, sample by sample.
export function predict(network, theta, { shape: [samples, inputs], x }) {
  const outputs = [];
  for (let n = 0; n < samples; n++) {
    outputs.push(...forward(network, theta, x.slice(n * inputs, (n + 1) * inputs)).activations.at(-1));
  }
  return outputs;
}

// Return the loss of a batch and its gradient.
export function lossAndGradient(network, theta, { shape: [samples, inputs, outputs], x, y }, kept = null) {
  if (samples === 0) throw new Error("the mean over an empty batch is not defined");
  const { of, slope } = LOSSES[network.loss], layers = layersOf(network), gradient = Array(theta.length).fill(0);
  let loss = 0;
  for (let n = 0; n < samples; n++) {
    const { zs, activations } = forward(network, theta, x.slice(n * inputs, (n + 1) * inputs), kept);
    const out = activations.at(-1);
    for (let k = 0; k < outputs; k++) loss += of(out[k], y[n * outputs + k]) / (samples * outputs);
    let signals = out.map((z, k) => slope(z, y[n * outputs + k]) / (samples * outputs));
    for (let l = layers.length - 1; l >= 0; l--) {
      const { rows, columns, weights, biases } = layers[l], below = activations[l], sums = Array(rows).fill(0);
      for (let j = 0; j < columns; j++) {
        if (network.bias) gradient[biases + j] += signals[j];
        for (let i = 0; i < rows; i++) {
          gradient[weights + i * columns + j] += below[i] * signals[j];
          sums[i] += theta[weights + i * columns + j] * signals[j];
        }
      }
      if (l > 0) {
        const derivative = ACTIVATIONS[network.activations[l - 1]].slope;
        signals = sums.map((sum, i) => {
          const factor = kept && l === 1 ? kept[i] : 1;
          return factor === 0 ? 0 : sum * factor * derivative(zs[l - 1][i], below[i] / factor);
        });
      }
    }
  }
  return { loss, gradient };
}

// Return the parameters after one step of gradient descent.
export const stepped = (theta, gradient, rate) => theta.map((value, k) => value - rate * gradient[k]);

// Return the parameters after so many steps of gradient descent on the whole batch.
export function train(network, theta, batch, rate, steps) {
  for (let step = 0; step < steps; step++) theta = stepped(theta, lossAndGradient(network, theta, batch).gradient, rate);
  return theta;
}

// Return a generator of numbers in [0, 1) that is the same for the same seed (mulberry32, Tommy Ettinger 2017).
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Return the next larger float64.
export function nextUp(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value >= 0 ? 1n : -1n));
  return view.getFloat64(0);
}

export const CONSTANT = 0.5;

// Return the parameters of a start, with biases 0: every weight 0.5 (constant), the same but for the last bit of one
// weight (smallest), every weight 0 (zero), or uniform between -1 and 1 (random).
export function startOf(kind, network, seed) {
  const theta = Array(countOf(network)).fill(0), random = randomOf(seed);
  for (const { rows, columns, weights } of layersOf(network)) {
    for (let k = weights; k < weights + rows * columns; k++) {
      theta[k] = kind === "zero" ? 0 : kind === "random" ? 2 * random() - 1 : CONSTANT;
    }
  }
  if (kind === "smallest") theta[0] = nextUp(CONSTANT);
  return theta;
}

// Return, for each hidden unit, the factors of dropout: each unit is kept with probability 1 - rate, and scaled.
export const maskOf = (random, units, rate) => Array.from({ length: units }, () => (random() < rate ? 0 : 1 / (1 - rate)));

// Return the places of a hidden unit of the only hidden layer: its incoming weights, its bias, its outgoing weights.
export function placesOf(network, unit) {
  const [{ rows, columns, weights, biases }, above] = layersOf(network);
  const incoming = Array.from({ length: rows }, (_, i) => weights + i * columns + unit);
  const outgoing = Array.from({ length: above.columns }, (_, k) => above.weights + unit * above.columns + k);
  return [...incoming, ...(network.bias ? [biases + unit] : []), ...outgoing];
}

// Return the direction of length 1 in which hidden units part: of all directions that move two halves of the units
// against each other, the one along which the loss bends down most (power iteration on finite differences of the
// gradient), and the curvature along it.
export function partingOf(network, theta, batch, iterations = 60) {
  const units = network.sizes[1], size = theta.length;
  const mirrored = (v) => { // the part of v that an exchange of units 2k and 2k + 1 turns around
    const result = Array(size).fill(0);
    for (let unit = 0; unit + 1 < units; unit += 2) {
      const one = placesOf(network, unit), other = placesOf(network, unit + 1);
      one.forEach((place, k) => {
        result[place] = (v[place] - v[other[k]]) / 2;
        result[other[k]] = -result[place];
      });
    }
    return result;
  };
  const norm = (v) => Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
  const scaled = (v) => { const length = norm(v); return length > 0 ? v.map((value) => value / length) : v; };
  const bent = (v) => { // the Hessian times v
    const h = 1e-5, ahead = theta.map((t, k) => t + h * v[k]), behind = theta.map((t, k) => t - h * v[k]);
    const up = lossAndGradient(network, ahead, batch).gradient, down = lossAndGradient(network, behind, batch).gradient;
    return up.map((value, k) => (value - down[k]) / (2 * h));
  };
  const random = randomOf(1);
  let v = scaled(mirrored(theta.map(() => random() - 0.5)));
  let shift = 0;
  for (let i = 0; i < 10; i++) { const w = mirrored(bent(v)); shift = Math.max(shift, norm(w)); v = scaled(w); }
  v = scaled(mirrored(theta.map(() => random() - 0.5)));
  let curvature = 0;
  for (let i = 0; i < iterations; i++) {
    const w = mirrored(bent(v));
    curvature = w.reduce((sum, value, k) => sum + value * v[k], 0);
    v = scaled(v.map((value, k) => (shift + 1e-3) * value - w[k])); // the largest eigenvalue of shift - H
  }
  return { direction: v, curvature };
}

// Return the exact interval of a share (Clopper and Pearson 1934) that misses it with at most the probability `miss`.
export function exactInterval(successes, trials, miss = 0.05) {
  const logs = [0];
  for (let n = 1; n <= trials; n++) logs.push(logs[n - 1] + Math.log(n));
  const mass = (k, p) => Math.exp(logs[trials] - logs[k] - logs[trials - k] + k * Math.log(p) + (trials - k) * Math.log1p(-p));
  const sum = (from, to, p) => { let s = 0; for (let k = from; k <= to; k++) s += mass(k, p); return s; };
  const root = (rises) => { // the p at which `rises` turns from false to true
    let low = 0, high = 1;
    for (let i = 0; i < 60; i++) { const p = (low + high) / 2; if (rises(p)) high = p; else low = p; }
    return (low + high) / 2;
  };
  const low = successes === 0 ? 0 : root((p) => sum(successes, trials, p) >= miss / 2);
  const high = successes === trials ? 1 : root((p) => sum(0, successes, p) <= miss / 2);
  return [low, high];
}

// Return how many hidden units differ from one another: the number of lines that a person sees.
export function linesOf(network, theta) {
  const units = Array.from({ length: network.sizes[1] }, (_, unit) => placesOf(network, unit));
  return new Set(units.map((places) => places.map((place) => theta[place] + 0).join(" "))).size;
}
