"use strict";
const report = JSON.parse(document.getElementById("data").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Tables: a click on a heading sorts, numbers as numbers, what is missing last.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    const value = (row) => row.cells[column].dataset.value;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = isNaN(x) || isNaN(y) ? x.localeCompare(y, "en", { numeric: true }) : x - y;
      return down ? -order : order;
    };
    table.tBodies[0].append(...rows.sort(compare));
  }));
}

// Charts: drawn when they come near the window, and all of them before printing.
const drawn = new Map();
const PAPER = { width: 1000, autosize: false, color: "#000" }; // CSS pixels that fit across A4 laid on its side
function draw(node, paper) {
  const { data, layout } = report.figures[node.dataset.figure];
  const { color, ...size } = paper ?? { autosize: true, color: colour("--text") };
  const dress = { ...layout, font: { ...layout.font, color }, ...size };
  node.style.height = `${layout.height || 420}px`;
  drawn.set(node, true);
  return window.Plotly.react(node, data, dress, { responsive: true, displaylogo: false, displayModeBar: "hover", modeBarButtonsToRemove: ["lasso2d", "select2d"] });
}
const plots = [...document.querySelectorAll(".plot")];
const watcher = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting && !drawn.has(target)) draw(target);
}, { rootMargin: "400px" });
for (const node of plots) watcher.observe(node);
// The paper is white and of its own width whatever the window is: drawn for it, and back afterwards.
addEventListener("beforeprint", () => plots.forEach((node) => draw(node, PAPER)));
addEventListener("afterprint", () => plots.forEach((node) => draw(node)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((_, node) => draw(node)));

// The sky: orbits in three dimensions on a plain canvas; Kepler's equation for every body at every frame.
const sky = report.sky;
const canvas = document.querySelector("canvas");
const pen = canvas.getContext("2d");
const when = document.getElementById("when");
const view = { turn: -0.6, tilt: 0.9, scale: 0, fine: 1, playing: false };
const DAY = 86400;

function place(orbit, t) {
  const { a, e, i, node, peri, mean, motion, epoch } = orbit;
  let M = (mean + motion * (t - epoch)) % (2 * Math.PI), E = M + e * Math.sin(M);
  for (let k = 0; k < 12; k++) E -= (E - e * Math.sin(E) - M) / (1 - e * Math.cos(E));
  return along(orbit, E);
}
function along({ a, e, i, node, peri }, E) {
  const x = a * (Math.cos(E) - e), y = a * Math.sqrt(1 - e * e) * Math.sin(E);
  const [cn, sn, cp, sp, ci, si] = [Math.cos(node), Math.sin(node), Math.cos(peri), Math.sin(peri), Math.cos(i), Math.sin(i)];
  const u = x * cp - y * sp, v = x * sp + y * cp;
  return [u * cn - v * sn * ci, u * sn + v * cn * ci, v * si];
}
function seen([x, y, z]) {
  const ct = Math.cos(view.turn), st = Math.sin(view.turn), cl = Math.cos(view.tilt), sl = Math.sin(view.tilt);
  const u = x * ct - y * st, v = x * st + y * ct;
  return [canvas.width / 2 + u * view.scale, canvas.height / 2 - (v * cl + z * sl) * view.scale];
}
function fit() {
  const fine = devicePixelRatio || 1;
  Object.assign(canvas, { width: canvas.clientWidth * fine, height: Math.min(canvas.clientWidth * 0.5, 520) * fine });
  const far = Math.max(...sky.bodies.map(({ orbit }) => Math.min(orbit.a * (1 + orbit.e), 3)));
  view.fine = fine;
  view.scale = 0.46 * Math.min(canvas.width / far / 1.15, canvas.height / far / Math.cos(view.tilt) / 1.1);
  paint();
}
function paint() {
  const t = Number(when.value) * DAY;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#ffd76a";
  dot([0, 0, 0], 6);
  for (const body of sky.bodies) {
    pen.strokeStyle = body.colour;
    pen.globalAlpha = body.planet ? 0.45 : 0.8;
    pen.lineWidth = (body.planet ? 1 : 1.4) * view.fine;
    pen.beginPath();
    for (let k = 0; k <= 180; k++) pen.lineTo(...seen(along(body.orbit, k * Math.PI / 90)));
    pen.stroke();
    pen.globalAlpha = 1;
    pen.fillStyle = body.colour;
    const here = place(body.orbit, t);
    dot(here, body.planet ? 4 : 5);
    const [x, y] = seen(here);
    pen.font = `${13 * view.fine}px system-ui, sans-serif`;
    pen.fillText(body.name, x + 8 * view.fine, y + 4 * view.fine);
  }
  document.getElementById("date").textContent = new Date(Date.UTC(2000, 0, 1, 12) + t * 1000).toISOString().slice(0, 10);
}
function dot(point, size) {
  pen.beginPath();
  pen.arc(...seen(point), size * view.fine, 0, 2 * Math.PI);
  pen.fill();
}
if (sky) {
  Object.assign(when, { min: sky.first / DAY, max: sky.last / DAY, step: 1, value: sky.first / DAY });
  for (const { name, colour: mark } of sky.bodies) {
    const item = document.createElement("li");
    item.textContent = name;
    item.style.setProperty("--mark", mark);
    document.getElementById("names").append(item);
  }
  when.addEventListener("input", paint);
  const grips = new Map();
  canvas.addEventListener("pointerdown", (event) => { grips.set(event.pointerId, event); canvas.setPointerCapture(event.pointerId); });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => grips.delete(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    const before = grips.get(event.pointerId);
    if (!before) return;
    if (grips.size === 2) {
      const other = [...grips.values()].find((one) => one.pointerId !== event.pointerId);
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      view.scale *= apart(event) / apart(before);
    } else {
      view.turn += (event.clientX - before.clientX) * 0.008;
      view.tilt = Math.min(1.57, Math.max(0, view.tilt - (event.clientY - before.clientY) * 0.008));
    }
    grips.set(event.pointerId, event);
    paint();
  });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); view.scale *= Math.exp(-event.deltaY * 0.001); paint(); }, { passive: false });
  canvas.addEventListener("keydown", ({ key }) => {
    const step = { ArrowLeft: ["turn", -0.1], ArrowRight: ["turn", 0.1], ArrowUp: ["tilt", -0.1], ArrowDown: ["tilt", 0.1] }[key];
    if (step) view[step[0]] += step[1];
    if (key === "+" || key === "-") view.scale *= key === "+" ? 1.1 : 1 / 1.1;
    paint();
  });
  const play = document.getElementById("play");
  let last = 0;
  const step = (now) => {
    if (!view.playing) return;
    const days = Number(when.value) + Math.min(now - last, 50) * 0.06;
    when.value = days >= Number(when.max) ? when.min : days;
    last = now;
    paint();
    requestAnimationFrame(step);
  };
  play.addEventListener("click", () => {
    view.playing = !view.playing;
    play.textContent = view.playing ? "Pause" : "Play";
    last = performance.now();
    if (view.playing) requestAnimationFrame(step);
  });
  addEventListener("resize", fit);
  addEventListener("beforeprint", paint);
  fit();
}
document.documentElement.dataset.ready = "yes";
