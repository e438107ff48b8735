/** Sky: every asteroid of the catalogue in motion, the planets, one orbit picked out. */
import { get, type Row } from "../api";
import { command } from "../parts/command";
import { factList } from "../parts/document";
import { button, choice, el, labelled, notice } from "../parts/dom";
import { destinations, flight, takeAway } from "../parts/flight";
import { CLASS_NAMES, money } from "../parts/words";
import { here, keep, link } from "../place";
import { rgb, scaled, SCALE_ENDS, SET } from "../sky/colours";
import { planets as loadPlanets, sky as loadSky, type Sky } from "../sky/data";
import { SkyScene } from "../sky/scene";

const FIRST_DAY = Date.UTC(1960, 0, 2, 12);
const LAST_DAY = Date.UTC(2099, 11, 30, 12);
const J2000 = Date.UTC(2000, 0, 1, 12);
const DAY = 86_400_000;

export async function open(main: HTMLElement, settings: URLSearchParams): Promise<() => void> {
  const [sky, planets, places] = await Promise.all([loadSky(Number(settings.get("crowd") ?? 1)), loadPlanets(), destinations()]);
  const canvas = el("canvas", { tabindex: "0", role: "img", "aria-label": `${sky.count} asteroids and the planets in motion; arrow keys turn, + and - zoom` });
  const stage = el("div", { class: "sky-stage" }, canvas);
  main.replaceChildren(stage);
  const scene = new SkyScene(canvas, sky, planets);
  const seen = new Float32Array(sky.count).fill(1);
  const values = settings.get("colour") === "value" ? await valuesOf(sky) : undefined;
  const chosen = el("div", { "aria-live": "polite" });
  const legend = el("ul", { class: "legend" });
  const clock = timeBar(scene, settings, planets.names);

  const paint = (by: string) => {
    const { colours, entries } = painted(sky, by, values);
    scene.tint(colours, seen);
    legend.replaceChildren(...entries.map(([colour, text]) => swatch(colour, text)));
  };
  const hideClasses = (keepClass: string) => {
    sky.classOf.forEach((k, i) => (seen[i] = Number(!keepClass || sky.classes[k] === keepClass)));
    keep({ class: keepClass });
    paint(settings.get("colour") ?? "class");
  };
  const choose = (index: number) => {
    scene.choose(index);
    keep({ name: index < 0 ? "" : sky.names[index]!, fly: "", to: "" });
    chosen.replaceChildren(index < 0 ? el("p", { class: "quiet" }, "Click a body, or search for one.") : card(sky, index, scene, clock, places));
  };

  const panel = el(
    "section", { class: "panel sky-panel", "aria-label": "What is shown", tabindex: "0" },
    el("h1", {}, `${sky.count.toLocaleString("en")} near-Earth asteroids`),
    chosen,
    el("p", { class: "bar" },
      labelled("Colour by ", choice([["class", "orbit class"], ["access", "accessibility"], ["value", "value (last hunt)"]],
        settings.get("colour") ?? "class", (by) => { location.hash = link("sky", { ...Object.fromEntries(here().settings), colour: by }); })),
      labelled("Class ", choice([["", "all"], ...sky.classes.map((c): [string, string] => [c, CLASS_NAMES[c] ?? c])], settings.get("class") ?? "", hideClasses))),
    legend,
    command("motherlode catalogue info", "import motherlode as ml\ncatalogue = ml.catalogue()\nprint(len(catalogue))", "/api/catalogue"),
  );
  stage.append(panel, clock.node);
  hideClasses(settings.get("class") ?? "");
  const [name, kind, to] = ["name", "fly", "to"].map((key) => settings.get(key) ?? "");
  const index = name ? sky.names.indexOf(name) : -1;
  choose(index);
  if (name && index < 0) notice(`${name} is not drawn: choose it by its number or designation.`);
  if (index >= 0 && kind) chosen.querySelector<HTMLButtonElement>(`[data-fly="${kind}"]`)?.dispatchEvent(new CustomEvent("fly", { detail: to }));

  let [downX, downY] = [0, 0];
  canvas.addEventListener("pointerdown", (event) => ([downX, downY] = [event.clientX, event.clientY]));
  canvas.addEventListener("click", (event) => {
    if (Math.hypot(event.clientX - downX, event.clientY - downY) > 4) return; // it was a turn, not a click
    const box = canvas.getBoundingClientRect();
    const found = scene.pick(event.clientX - box.left, event.clientY - box.top, seen);
    if (found >= 0) choose(found);
  });
  canvas.addEventListener("keydown", (event) => scene.nudge(event.key) && event.preventDefault());
  const watcher = new ResizeObserver(() => scene.resize());
  watcher.observe(canvas);
  const bench = settings.has("bench") ? stopwatch(scene, stage, Number(settings.get("bench")) || 300) : undefined;
  if (bench) clock.play();
  let frame = requestAnimationFrame(function tick() {
    const begun = performance.now();
    clock.tick();
    scene.draw();
    bench?.(begun);
    frame = requestAnimationFrame(tick);
  });
  return () => {
    cancelAnimationFrame(frame);
    watcher.disconnect();
    scene.close();
  };
}

/** Count the cost of frames: the script's share, the time between frames, and the card's time for one. See docs/page.md. */
function stopwatch(scene: SkyScene, stage: HTMLElement, frames: number): (begun: number) => void {
  const [script, apart]: [number[], number[]] = [[], []];
  let before = 0;
  return (begun) => {
    if (script.length >= frames) return;
    script.push(performance.now() - begun);
    if (before) apart.push(begun - before);
    before = begun;
    if (script.length < frames) return;
    scene.finish();
    const lone = performance.now();
    for (let k = 0; k < 10; k++) scene.draw();
    scene.finish();
    const card = (performance.now() - lone) / 10;
    const at = (list: number[], share: number) => Number([...list].sort((a, b) => a - b)[Math.floor(share * (list.length - 1))]!.toFixed(2));
    const told = {
      ...scene.measured(), frames, script_ms_p50: at(script, 0.5), script_ms_p99: at(script, 0.99),
      frame_ms_p50: at(apart, 0.5), frame_ms_p99: at(apart, 0.99), drawn_ms: Number(card.toFixed(2)),
    };
    stage.append(el("pre", { id: "bench", class: "sky-bench" }, JSON.stringify(told, null, 1)));
  };
}

function painted(sky: Sky, by: string, values?: Map<string, number>): { colours: Float32Array; entries: [string, string][] } {
  const colours = new Float32Array(3 * sky.count);
  if (by === "access") {
    for (let k = 0; k < sky.count; k++) colours.set(scaled((sky.deltaV[k]! - 4) / 8), 3 * k);
    return { colours, entries: [[SCALE_ENDS[0]!, "4 km/s from low orbit (Shoemaker–Helin)"], [SCALE_ENDS[1]!, "8 km/s"], [SCALE_ENDS[2]!, "12 km/s and above"]] };
  }
  if (by === "value" && values) {
    const top = Math.log10(Math.max(...values.values(), 10));
    for (let k = 0; k < sky.count; k++) {
      const worth = values.get(sky.names[k]!);
      colours.set(worth && worth > 0 ? scaled((top - Math.log10(worth)) / 6) : [0.12, 0.14, 0.18], 3 * k);
    }
    return { colours, entries: [[SCALE_ENDS[0]!, `${money(10 ** top)} absorbed by the market`], [SCALE_ENDS[2]!, `${money(10 ** (top - 6))}`], ["#1f242e", "not on the shortlist, or nothing sold"]] };
  }
  for (let k = 0; k < sky.count; k++) colours.set(rgb(SET[sky.classOf[k]! % SET.length]!), 3 * k);
  return { colours, entries: sky.classes.map((name, k) => [SET[k % SET.length]!, CLASS_NAMES[name] ?? name]) };
}

function swatch(colour: string, text: string): HTMLElement {
  const dot = el("span", { "aria-hidden": "true" });
  dot.style.background = colour;
  return el("li", {}, dot, text);
}

function card(sky: Sky, k: number, scene: SkyScene, clock: Clock, places: [string, string][]): HTMLElement {
  const name = sky.names[k]!;
  const flown = el("div", {});
  const goal = choice(places, here().settings.get("to") || "sun-earth-l2", () => undefined);
  const show = async (kind: string) => {
    const to = kind === "capture" ? goal.value : "";
    flown.replaceChildren(el("p", { class: "quiet", role: "status" }, kind === "capture" ? "Flying it under every pull; this takes some seconds, the first time up to a minute…" : "Working it out…"));
    keep({ fly: kind, to });
    try {
      const one = await flight(name, kind, to);
      scene.choose(k);
      const colours = scene.fly(one.legs, one.burns.map((burn) => (Date.parse(`${String(burn.epoch_tdb)}Z`) - J2000) / DAY));
      scene.days = one.depart_days;
      clock.play();
      flown.replaceChildren(
        el("h2", {}, one.title),
        el("ul", { class: "legend" }, ...one.legs.map(({ label }, j) => swatch(colours[j]!, label)), swatch("#ff8f70", "burn"), swatch("#7dffb2", kind === "capture" ? "the captured body" : "the craft"),
          swatch("#ffffff", kind === "capture" ? "where it would be, left alone" : "the asteroid")),
        el("ul", { class: "burns" }, ...one.burns.map((burn) => el("li", {}, `${String(burn.epoch_tdb).slice(0, 10)}: ${Number(burn.delta_v_m_s).toFixed(1)} m/s, ${String(burn.what)}`))),
        takeAway(one),
        el("ul", { class: "quiet" }, ...one.notes.map((note) => el("li", {}, note))),
      );
    } catch (error) {
      flown.replaceChildren(el("p", { role: "alert" }, (error as Error).message));
    }
  };
  const fly = (kind: string, label: string) => {
    const node = button(label, () => void show(kind), { "data-fly": kind });
    node.addEventListener("fly", (event) => {
      const to = (event as CustomEvent<string>).detail;
      if (to) goal.value = to;
      void show(kind);
    });
    return node;
  };
  const called = el("a", { href: link("asteroid", { name }) }, name);
  get<{ designation: string; full_name: string }[]>("/api/asteroids", { q: name, limit: 4 })
    .then((found) => (called.textContent = found.find(({ designation }) => designation === name)?.full_name ?? name))
    .catch(() => undefined);
  return el(
    "div", {},
    el("h2", {}, called),
    factList({ orbit_class: sky.classes[sky.classOf[k]!]!, h_mag: Number(sky.magnitude[k]!.toFixed(2)), shoemaker_helin_km_s: sky.deltaV[k]! }),
    el("p", { class: "bar" }, fly("roundtrip", "Fly the round trip")),
    el("p", { class: "bar" }, fly("capture", "Fly the capture"), labelled("to ", goal)),
    flown,
  );
}

async function valuesOf(sky: Sky): Promise<Map<string, number> | undefined> {
  const runs = await get<{ name: string }[]>("/api/runs");
  if (!runs[0]) {
    notice("No finished hunt yet: run one in the Hunt view to colour by value.");
    return undefined;
  }
  const { rows } = await get<{ rows: Row[] }>(`/api/runs/${runs[0].name}/shortlist`, { limit: sky.count });
  return new Map(rows.map((row) => [String(row.designation), Number(row.market_absorbed_usd_p50 ?? 0)]));
}

interface Clock { node: HTMLElement; tick: () => void; play: () => void }

function timeBar(scene: SkyScene, settings: URLSearchParams, planets: string[]): Clock {
  const range = [FIRST_DAY, LAST_DAY].map((ms) => Math.round((ms - J2000) / DAY)) as [number, number];
  const slider = el("input", { type: "range", min: String(range[0]), max: String(range[1]), step: "1", "aria-label": "Date" });
  const label = el("output", {});
  let [playing, speed, shown] = [false, 20, NaN];
  let before = performance.now();
  const asked = Date.parse(settings.get("date") ?? "");
  scene.days = Number.isNaN(asked) ? Math.round((Date.now() - J2000) / DAY) : (asked - J2000) / DAY;
  slider.addEventListener("input", () => (scene.days = Number(slider.value)));
  slider.addEventListener("change", () => keep({ date: iso(scene.days) }));
  const turn = (on: boolean) => {
    playing = on;
    button_.textContent = on ? "Pause" : "Play";
    if (!on) keep({ date: iso(scene.days) });
  };
  const button_ = button("Play", () => turn(!playing));
  const tick = () => {
    const now = performance.now();
    if (playing) scene.days += (speed * Math.min(now - before, 250)) / 1000;
    scene.days = Math.max(range[0], Math.min(range[1], scene.days));
    before = now;
    const day = Math.round(scene.days);
    if (day === shown) return; // the page is touched once a day, not once a frame
    shown = day;
    slider.value = String(day);
    label.textContent = iso(day);
    slider.setAttribute("aria-valuetext", label.textContent);
  };
  const pace = choice([["5", "5 days a second"], ["20", "20 days a second"], ["120", "120 days a second"]], "20", (value) => (speed = Number(value)));
  const title = (name: string) => name.replace(/^./, (letter) => letter.toUpperCase());
  const centre = choice([["sun", "the Sun"], ["body", "the chosen body"], ...planets.map((name, k): [string, string] => [String(k), title(name)])], "sun", (value) => {
    scene.around(value === "sun" || value === "body" ? value : Number(value));
  });
  return { node: el("div", { class: "sky-time" }, button_, labelled("Pace ", pace), labelled("Around ", centre), slider, label), tick, play: () => turn(true) };
}

function iso(days: number): string {
  return new Date(J2000 + days * DAY).toISOString().slice(0, 10);
}
