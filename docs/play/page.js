// What the page does with the arithmetic: choices, a training that runs, its pictures, and the same in words.
const BATCH = { shape: [4, 2, 1], x: [0, 0, 0, 1, 1, 0, 1, 1], y: [0, 1, 1, 0] };
const RATE = 0.3, UNITS = 4, LEARNED = 0.01, PARTED = 0.01, SHARE_STEPS = 3000, SHARE_STARTS = 100, PER_FRAME = 12;
const EXPLAINED = {
  constant: "Every weight is 0.5. All hidden units get the same error signal, so that every step moves them alike: four units stay one for ever, and the loss stays above 1/6.",
  smallest: "Every weight is 0.5, but for the last bit of one of them. The equal units stand on a saddle: for a long while nothing is to be seen, while each step enlarges the difference.",
  zero: "Every weight is 0. With tanh or relu no error signal comes through the output weights and no output of a hidden unit reaches them: only the output bias moves, and every input gets the same answer. With logistic, the units move but stay one.",
  random: "Every weight is drawn between -1 and 1. The units differ from the beginning, get different error signals, and share the work.",
};
const DROPPED = " Dropout drops other units in each step: equal units get unequal error signals, and part even from equal weights (but not from zeros with tanh or relu, where there is no signal to drop).";
const byId = (id) => document.getElementById(id);
const chosen = () => ({
  kind: document.querySelector("input[name=start]:checked").value, activation: byId("activation").value,
  dropout: Number(byId("dropout").value), seed: Number(byId("seed").value) >>> 0,
});
const networkOf = (activation) => ({ sizes: [2, UNITS, 1], activations: [activation], loss: "mse", bias: true });

let run; // what is trained now
let isRunning = false;

function rewind() {
  const choice = chosen(), network = networkOf(choice.activation);
  run = { ...choice, network, theta: startOf(choice.kind, network, choice.seed), random: randomOf(choice.seed + 1000003),
    step: 0, losses: [], weights: [], partedAt: null };
  run.lines = linesOf(network, run.theta);
  note();
  draw();
}

function note() { // keep what the pictures show
  run.losses.push(lossAndGradient(run.network, run.theta, BATCH).loss);
  const weights = Array.from({ length: UNITS }, (_, unit) => run.theta[unit]);
  run.weights.push(weights);
  if (run.partedAt === null && run.kind !== "random" && Math.max(...weights) - Math.min(...weights) > PARTED) run.partedAt = run.step;
}

function advance(steps) {
  for (let k = 0; k < steps; k++) {
    const kept = run.dropout > 0 ? maskOf(run.random, UNITS, run.dropout) : null;
    run.theta = stepped(run.theta, lossAndGradient(run.network, run.theta, BATCH, kept).gradient, RATE);
    run.step++;
    note();
  }
  draw();
}

const short = (value) => !Number.isFinite(value) ? "not a number" : value !== 0 && Math.abs(value) < 0.0005 ? value.toExponential(1) : value.toFixed(4);

function told() {
  const lines = linesOf(run.network, run.theta), loss = run.losses.at(-1);
  const seen = lines === 1 ? "four hidden units on one line" : `four hidden units on ${lines} lines`;
  const parted = run.partedAt === null ? "" : ` They parted, to be seen, at step ${run.partedAt.toLocaleString("en")}.`;
  const learned = loss < LEARNED ? " It has learned exclusive or." : "";
  return `Step ${run.step.toLocaleString("en")}: ${seen}; loss ${short(loss)}.${parted}${learned}`;
}

// Pictures: plain SVG, drawn anew.
const BOX = { left: 34, top: 8, width: 276, height: 150 };
const place = (value, [low, high], start, length) => start + ((value - low) / (high - low)) * length;

function frame(xs, ys, xTicks, yTicks, label) {
  const x = (value) => place(value, xs, BOX.left, BOX.width), y = (value) => place(value, ys, BOX.top + BOX.height, -BOX.height);
  let text = "";
  for (const tick of yTicks) {
    text += `<line class="grid" x1="${BOX.left}" x2="${BOX.left + BOX.width}" y1="${y(tick)}" y2="${y(tick)}"/>`;
    text += `<text x="${BOX.left - 5}" y="${y(tick) + 4}" text-anchor="end">${Number(tick.toPrecision(2))}</text>`;
  }
  for (const tick of xTicks) text += `<text x="${x(tick)}" y="${BOX.top + BOX.height + 15}" text-anchor="middle">${tick.toLocaleString("en")}</text>`;
  text += `<line class="axis" x1="${BOX.left}" x2="${BOX.left + BOX.width}" y1="${BOX.top + BOX.height}" y2="${BOX.top + BOX.height}"/>`;
  text += `<text x="${BOX.left + BOX.width}" y="${BOX.top + BOX.height + 29}" text-anchor="end">${label}</text>`;
  return { text, x, y };
}

function path(points, x, y, [low, high]) {
  return points.map(([a, b], k) => `${k ? "L" : "M"}${x(a).toFixed(1)},${y(Math.min(Math.max(b, low), high)).toFixed(1)}`).join("");
}

function shownSteps() { // at most 300 of all steps, the last one among them
  const last = run.step, stride = Math.max(1, Math.ceil(last / 300)), steps = [];
  for (let step = 0; step < last; step += stride) steps.push(step);
  return [...steps, last];
}

function drawUnits(end, ticks) {
  const all = run.weights.flat().filter(Number.isFinite), span = Math.max(...all, 0.5) - Math.min(...all, 0);
  const ys = [Math.min(...all, 0) - 0.1 * span, Math.max(...all, 0.5) + 0.1 * span];
  const { text, x, y } = frame([0, end], ys, ticks, [0, ...[ys[0], ys[1]].map((v) => v * 0.8)], "step");
  const steps = shownSteps(), curves = Array.from({ length: UNITS }, (_, unit) => path(steps.map((s) => [s, run.weights[s][unit]]), x, y, ys));
  let lines = "";
  curves.forEach((curve, unit) => { // those that lie on one another are drawn one within the other
    const above = curves.slice(unit + 1).filter((other) => other === curve).length, width = 2 + 5 * above;
    lines += `<path d="${curve}" fill="none" class="seam" stroke-width="${width + 1.6}"/><path d="${curve}" fill="none" stroke="var(--s${unit})" stroke-width="${width}"/>`;
  });
  byId("units").innerHTML = text + lines;
  byId("units").setAttribute("aria-label", `Weights for the first input at step ${run.step}: ${run.weights.at(-1).map(short).join(", ")}`);
}

function drawLoss(end, ticks) {
  const ys = [0, 0.5], { text, x, y } = frame([0, end], ys, ticks, [0, 0.5], "step");
  let floors = "";
  for (const [floor, name] of [[1 / 4, "1/4"], [1 / 6, "1/6"]]) {
    floors += `<line class="floor" x1="${BOX.left}" x2="${BOX.left + BOX.width}" y1="${y(floor)}" y2="${y(floor)}"/><text x="${BOX.left - 5}" y="${y(floor) + 4}" text-anchor="end">${name}</text>`;
  }
  const curve = path(shownSteps().map((s) => [s, run.losses[s]]), x, y, ys);
  byId("loss").innerHTML = `${text}${floors}<path d="${curve}" fill="none" class="curve" stroke-width="2"/>`;
  byId("loss").setAttribute("aria-label", `Loss at step ${run.step}: ${short(run.losses.at(-1))}`);
}

function drawSurface() {
  const { direction, curvature } = partingOf(run.network, run.theta, BATCH), points = [];
  for (let k = -40; k <= 40; k++) {
    const a = k / 20, moved = run.theta.map((value, i) => value + a * direction[i]);
    points.push([a, lossAndGradient(run.network, moved, BATCH).loss]);
  }
  const top = Math.max(0.3, Math.min(1, Math.max(...points.map(([, loss]) => loss)))), ys = [0, top];
  const { text, x, y } = frame([-2, 2], ys, [-2, 0, 2], [0, top], "distance");
  const here = `<circle class="here" r="5" cx="${x(0)}" cy="${y(Math.min(run.losses.at(-1), top))}"/>`;
  byId("surface").innerHTML = `${text}<path d="${path(points, x, y, ys)}" fill="none" class="curve" stroke-width="2"/>${here}`;
  const way = curvature < -1e-7 ? "bends down to both sides: the equal units stand on a saddle, and the smallest difference grows" : curvature > 1e-7 ? "bends up: units that are pushed apart come back" : "is flat here";
  const words = `The loss along the direction that moves units against each other and bends it down most. It ${run.lines === 1 || run.kind === "smallest" ? way : way.split(":")[0]} (curvature ${curvature.toExponential(1)}).`;
  byId("bend").textContent = words;
  byId("surface").setAttribute("aria-label", words);
}

function draw() {
  const end = Math.max(100, run.step), ticks = [0, end];
  drawUnits(end, ticks);
  drawLoss(end, ticks);
  if (!isRunning || run.step % (10 * PER_FRAME) === 0) drawSurface();
  byId("told").setAttribute("aria-live", isRunning ? "off" : "polite");
  byId("told").textContent = told();
  byId("explained").textContent = EXPLAINED[run.kind] + (run.dropout > 0 ? DROPPED : "");
}

function setRunning(value) {
  isRunning = value;
  byId("run").textContent = value ? "Pause" : "Run";
  if (value) requestAnimationFrame(tick);
  else draw();
}

function tick() {
  if (!isRunning) return;
  advance(PER_FRAME);
  if (run.step >= 6000) setRunning(false);
  else requestAnimationFrame(tick);
}

function trainMany() { // in pieces, so that the page stays alive
  const { activation, seed } = chosen(), network = networkOf(activation);
  let done = 0, learned = 0;
  byId("many").disabled = true;
  const piece = () => {
    for (let k = 0; k < 5; k++, done++) {
      const theta = train(network, startOf("random", network, seed + done), BATCH, RATE, SHARE_STEPS);
      if (lossAndGradient(network, theta, BATCH).loss < LEARNED) learned++;
    }
    if (done < SHARE_STARTS) {
      byId("share").textContent = `${done} of ${SHARE_STARTS} trained`;
      setTimeout(piece, 0);
      return;
    }
    const [low, high] = exactInterval(learned, SHARE_STARTS).map((p) => (100 * p).toFixed(1));
    byId("share").textContent = `${learned} of ${SHARE_STARTS} random starts (seeds ${seed} to ${seed + SHARE_STARTS - 1}, ${activation}) learn within ${SHARE_STEPS.toLocaleString("en")} steps. Of all such starts, between ${low} % and ${high} % do (exact interval of Clopper and Pearson, 95 %).`;
    byId("many").disabled = false;
  };
  piece();
}

byId("choice").addEventListener("input", () => { setRunning(false); rewind(); });
byId("choice").addEventListener("submit", (event) => event.preventDefault());
byId("run").addEventListener("click", () => setRunning(!isRunning));
byId("step").addEventListener("click", () => { setRunning(false); advance(1); });
byId("leap").addEventListener("click", () => { setRunning(false); advance(1000); });
byId("rewind").addEventListener("click", () => { setRunning(false); rewind(); });
byId("many").addEventListener("click", trainMany);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT", "BUTTON"].includes(event.target.tagName)) return;
  const button = { " ": "run", s: "step", l: "leap", r: "rewind" }[event.key];
  if (button) { event.preventDefault(); byId(button).click(); }
});
rewind();
