/** Asteroid: what is known, what is in it, what it is worth, when it can be reached and whether it can be brought home. */
import { get, LONG, type Figure, type Row } from "../api";
import { command } from "../parts/command";
import { drawn, table, type Document } from "../parts/document";
import { button, choice, el, labelled, notice, panel, problem } from "../parts/dom";
import { destinations, drawnFlight, flight } from "../parts/flight";
import { plot } from "../parts/plot";
import { date, figure as number } from "../parts/words";
import { keep, link } from "../place";

interface Porkchop { figure: Figure; depart_tdb: number[]; flight_d: number[]; best: Row; options: Row[]; command: { shell: string; python: string; json: string } }

export async function open(main: HTMLElement, settings: URLSearchParams): Promise<void> {
  const name = settings.get("name") ?? "";
  if (!name) {
    main.replaceChildren(el("h1", {}, "Asteroid"), el("p", {}, "Search for one above, or pick one in the ", el("a", { href: link("hunt") }, "ranked table"), "."));
    return;
  }
  const path = `/api/asteroid/${encodeURIComponent(name)}`;
  const [about, places] = await Promise.all([get<Document>(path), destinations()]);
  const later = ["deposit", "value", "roundtrip"].map((part) => section(path, part));
  main.replaceChildren(
    ...drawn(about),
    el("p", {}, el("a", { href: link("sky", { name: String(about.facts?.designation ?? name) }) }, "See its orbit in the sky")),
    ...later.map(({ node }) => node),
    flights(String(about.facts?.designation ?? name)),
    captures(path, String(about.facts?.designation ?? name), places),
    porkchop(String(about.facts?.designation ?? name), settings),
  );
  for (const { fill } of later) await fill();
}

/** One part of the page: fetched after the page is there, told in words if it fails. */
function section(path: string, part: string): { node: HTMLElement; fill: () => Promise<void> } {
  const node = el("section", { "aria-busy": "true", id: part }, el("p", { class: "quiet" }, `Working out the ${part}…`));
  const fill = async () => {
    try {
      const document = await get<Document>(`${path}/${part}`, {}, LONG);
      const [heading, ...rest] = drawn(document);
      node.replaceChildren(el("h2", {}, heading?.textContent ?? part), ...rest);
    } catch (error) {
      node.replaceChildren(problem(error, () => void fill()));
    }
    node.removeAttribute("aria-busy");
  };
  return { node, fill };
}

/** Drawn when asked for: a flight takes some seconds. */
function flights(name: string): HTMLElement {
  const drawn = el("div", {});
  return el("div", {}, el("p", { class: "bar" }, button("Draw the cheapest round trip", () => void drawInto(drawn, name, "roundtrip", ""))), drawn);
}

async function drawInto(holder: HTMLElement, name: string, kind: string, to: string): Promise<void> {
  holder.replaceChildren(el("p", { class: "quiet", role: "status" }, "Flying it…"));
  try {
    holder.replaceChildren(drawnFlight(name, kind, to, await flight(name, kind, to)));
  } catch (error) {
    holder.replaceChildren(problem(error, () => void drawInto(holder, name, kind, to)));
  }
}

/** Captures take a while, so they are worked out when asked for. */
function captures(path: string, name: string, places: [string, string][]): HTMLElement {
  const { node, fill } = section(path, "capture");
  const [every, drawn] = [el("div", {}), el("div", {})];
  const goal = choice(places, "sun-earth-l2", () => undefined);
  every.append(el("p", { class: "bar" }, button("Compare every way", () => {
    every.replaceChildren(node);
    void fill();
  })));
  return panel(
    "Bringing it home",
    el("p", {}, "The whole body to Earth, the Moon or Mars. To compare every way, with the best flown again under every pull and judged by the safety gates, takes a minute or two."),
    every,
    el("p", { class: "bar" }, labelled("Cheapest way to ", goal), button("Draw the flight", () => void drawInto(drawn, name, "capture", goal.value))),
    drawn,
  );
}

function porkchop(name: string, settings: URLSearchParams): HTMLElement {
  const [from, to] = (settings.get("depart") || "2028-01-01..2033-01-01").split("..");
  const [short, long] = (settings.get("flight") || "60..600").split("..");
  const first = el("input", { type: "date", value: from ?? "" });
  const last = el("input", { type: "date", value: to ?? "" });
  const least = el("input", { type: "number", value: short ?? "", min: "1", size: "5" });
  const most = el("input", { type: "number", value: long ?? "", min: "2", size: "5" });
  const layer = choice([["total", "total Δv"], ["c3", "departure C3"], ["arrive", "arrival v∞"]], settings.get("layer") ?? "total", () => void draw());
  const home = choice([["earth", "Earth"], ["mars", "Mars"]], settings.get("home") ?? "earth", () => void draw());
  const answer = el("div", {});
  const pinned: Row[] = [];
  const compare = el("div", {});

  const pin = (row: Row) => {
    if (!pinned.some((one) => one.depart === row.depart && one.flight_d === row.flight_d)) pinned.push(row);
    const text = () => [Object.keys(pinned[0]!).join("\t"), ...pinned.map((one) => Object.values(one).join("\t"))].join("\n");
    compare.replaceChildren(
      el("h2", {}, "Compare"), table(pinned, "Windows to compare"),
      el("p", { class: "bar" }, button("Copy as text", () => void navigator.clipboard.writeText(text()).then(() => notice("Copied."))),
        button("Clear", () => { pinned.length = 0; compare.replaceChildren(); })),
    );
  };
  const draw = async () => {
    const depart = `${first.value}..${last.value}`;
    const flight = `${least.value}..${most.value}`;
    keep({ depart, flight, layer: layer.value, home: home.value });
    answer.replaceChildren(el("p", { class: "quiet", role: "status" }, "Drawing…"));
    try {
      const chart = await get<Porkchop>("/api/porkchop", { from: home.value, to: name, depart, flight, layer: layer.value }, LONG);
      const picked = el("p", { "aria-live": "polite" }, `Best: leave ${date(Number(chart.best.depart_tdb))}, fly ${number(Number(chart.best.flight_d))} days.`);
      const clicked = async (x: unknown, y: unknown) => {
        const cell = await get<Row>("/api/porkchop/cell", { from: home.value, to: name, depart: String(x).slice(0, 10), flight_d: Number(y) });
        picked.textContent = `Picked: leave ${cell.depart}, fly ${number(Number(cell.flight_d))} days, ${number(Number(cell.delta_v_km_s))} km/s.`;
        pin(cell);
      };
      answer.replaceChildren(
        plot(chart.figure, `Porkchop of ${name}: departure date against flight time`, (x, y) => void clicked(x, y).catch((e: Error) => notice(e.message))),
        picked, table(chart.options, "Best windows, one a departure year", (row) => button("Compare", () => pin(row))), compare,
        command(chart.command.shell, chart.command.python, chart.command.json),
      );
    } catch (error) {
      answer.replaceChildren(problem(error, () => void draw()));
    }
  };
  const form = el(
    "form", { class: "bar" }, labelled("From ", home), labelled("Leave from ", first), labelled("to ", last),
    labelled("Days of flight ", least), labelled("to ", most), labelled("Show ", layer), el("button", { class: "main" }, "Draw"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void draw();
  });
  if (settings.has("depart")) void draw();
  const whole = panel("Porkchop", form, answer);
  whole.id = "porkchop";
  return whole;
}
