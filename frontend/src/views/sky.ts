/** Sky: every asteroid of the catalogue in motion, the planets, one orbit picked out. */
import { get, type Row } from "../api";
import { command } from "../parts/command";
import { button, choice, el, labelled, notice } from "../parts/dom";
import { CLASS_NAMES, figure, money } from "../parts/words";
import { keep, link } from "../place";
import { rgb, scaled, SCALE_ENDS, SET } from "../sky/colours";
import { planets as loadPlanets, sky as loadSky, type Sky } from "../sky/data";
import { SkyScene } from "../sky/scene";

const FIRST_DAY = Date.UTC(1960, 0, 2, 12);
const LAST_DAY = Date.UTC(2099, 11, 30, 12);
const J2000 = Date.UTC(2000, 0, 1, 12);
const DAY = 86_400_000;

interface Legs { legs: { label: string; track: number[][] }[]; depart_days?: number }

export async function open(main: HTMLElement, settings: URLSearchParams): Promise<() => void> {
  const [sky, planets] = await Promise.all([loadSky(Number(settings.get("crowd") ?? 1)), loadPlanets()]);
  const canvas = el("canvas", { tabindex: "0", "aria-label": `${sky.count} asteroids and the planets in motion; arrow keys turn, + and - zoom` });
  const stage = el("div", { class: "sky-stage" }, canvas);
  main.replaceChildren(stage);
  const scene = new SkyScene(canvas, sky, planets);
  const seen = new Float32Array(sky.count).fill(1);
  const values = settings.get("colour") === "value" ? await valuesOf(sky) : undefined;
  const chosen = el("div", { "aria-live": "polite" });
  const legend = el("ul", { class: "legend" });

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
    keep({ name: index < 0 ? "" : sky.names[index]! });
    chosen.replaceChildren(index < 0 ? el("p", { class: "quiet" }, "Click a body, or search for one.") : card(sky, index, scene));
  };

  const panel = el(
    "section", { class: "panel sky-panel", "aria-label": "What is shown" },
    el("h1", {}, `${sky.count.toLocaleString("en")} near-Earth asteroids`),
    labelled("Colour by ", choice([["class", "orbit class"], ["access", "accessibility"], ["value", "value (last hunt)"]],
      settings.get("colour") ?? "class", (by) => { location.hash = link("sky", { ...Object.fromEntries(settings), colour: by }); })),
    labelled("Class ", choice([["", "all"], ...sky.classes.map((c): [string, string] => [c, CLASS_NAMES[c] ?? c])], settings.get("class") ?? "", hideClasses)),
    legend, chosen,
    command("motherlode catalogue info", "import motherlode as ml\ncatalogue = ml.catalogue()\nprint(len(catalogue))", "/api/catalogue"),
  );
  const clock = timeBar(scene, settings);
  stage.append(panel, clock.node);
  hideClasses(settings.get("class") ?? "");
  choose(sky.names.indexOf(settings.get("name") ?? ""));

  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    const found = scene.pick(event.clientX - box.left, event.clientY - box.top, seen);
    if (found >= 0) choose(found);
  });
  canvas.addEventListener("keydown", (event) => scene.nudge(event.key) && event.preventDefault());
  const watcher = new ResizeObserver(() => scene.resize());
  watcher.observe(canvas);
  let frame = requestAnimationFrame(function tick() {
    clock.tick();
    scene.draw();
    frame = requestAnimationFrame(tick);
  });
  return () => {
    cancelAnimationFrame(frame);
    watcher.disconnect();
    scene.close();
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

function card(sky: Sky, k: number, scene: SkyScene): HTMLElement {
  const name = sky.names[k]!;
  const show = (kind: string) => async () => {
    try {
      const { legs, depart_days } = await get<Legs>(`/api/asteroid/${encodeURIComponent(name)}/legs`, { kind });
      scene.choose(k);
      scene.fly(legs);
      if (depart_days !== undefined) scene.days = depart_days;
    } catch (error) {
      notice((error as Error).message);
    }
  };
  return el(
    "div", {},
    el("h2", {}, el("a", { href: link("asteroid", { name }) }, name)),
    el("dl", { class: "facts" },
      el("dt", {}, "Class"), el("dd", {}, CLASS_NAMES[sky.classes[sky.classOf[k]!]!] ?? ""),
      el("dt", {}, "H"), el("dd", {}, figure(sky.magnitude[k]!)),
      el("dt", {}, "Δv from orbit"), el("dd", {}, `${figure(sky.deltaV[k]!)} km/s`)),
    el("p", { class: "bar" }, button("Fly the round trip", () => void show("roundtrip")()), button("Fly the capture", () => void show("capture")())),
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

function timeBar(scene: SkyScene, settings: URLSearchParams): { node: HTMLElement; tick: () => void } {
  const range = [FIRST_DAY, LAST_DAY].map((ms) => Math.round((ms - J2000) / DAY)) as [number, number];
  const slider = el("input", { type: "range", min: String(range[0]), max: String(range[1]), step: "1", "aria-label": "Date" });
  const label = el("output", {});
  let speed = 0;
  let before = performance.now();
  scene.days = settings.has("date") ? (Date.parse(settings.get("date")!) - J2000) / DAY : Math.round((Date.now() - J2000) / DAY);
  slider.addEventListener("input", () => (scene.days = Number(slider.value)));
  slider.addEventListener("change", () => keep({ date: iso(scene.days) }));
  const play = button("Play", () => {
    speed = speed ? 0 : 20;
    play.textContent = speed ? "Pause" : "Play";
  });
  const tick = () => {
    const now = performance.now();
    scene.days = Math.max(range[0], Math.min(range[1], scene.days + (speed * (now - before)) / 1000));
    before = now;
    slider.value = String(Math.round(scene.days));
    const text = iso(scene.days);
    if (label.textContent !== text) label.textContent = text;
    slider.setAttribute("aria-valuetext", text);
  };
  const pace = choice([["5", "5 days a second"], ["20", "20 days a second"], ["120", "120 days a second"]], "20", (value) => {
    if (speed) speed = Number(value);
  });
  return { node: el("div", { class: "sky-time" }, play, labelled("Pace ", pace), slider, label), tick };
}

function iso(days: number): string {
  return new Date(J2000 + days * DAY).toISOString().slice(0, 10);
}
