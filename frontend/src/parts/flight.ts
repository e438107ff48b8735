/** A flight of one asteroid: its cheapest round trip, or its cheapest capture at a place, drawn and to take away. */
import { get, LONG, type Figure, type Row } from "../api";
import { link } from "../place";
import { command } from "./command";
import { table } from "./document";
import { el, panel } from "./dom";
import { plot } from "./plot";

export interface Flight {
  title: string;
  legs: { label: string; track: number[][] }[];
  burns: Row[];
  depart_days: number;
  figures: { title: string; says: string; figure: Figure }[];
  notes: string[];
  downloads: Record<string, string>;
  command: { shell: string; python: string; json: string };
}

/** Where an asteroid can be brought: name and what people call it. */
export async function destinations(): Promise<[string, string][]> {
  return (await get<{ name: string; title: string }[]>("/api/destinations")).map(({ name, title }) => [name, title]);
}

export function flight(name: string, kind: string, to: string): Promise<Flight> {
  return get<Flight>(`/api/asteroid/${encodeURIComponent(name)}/legs`, kind === "capture" ? { kind, to } : { kind }, LONG);
}

export function takeAway(one: Flight): HTMLElement {
  const links = Object.entries(one.downloads).map(([form, path]) => el("a", { href: path, download: "" }, form.toUpperCase()));
  return el("p", { class: "bar links" }, el("span", { class: "quiet" }, "Take it away:"), ...links);
}

export function drawnFlight(name: string, kind: string, to: string, one: Flight): HTMLElement {
  const there: Record<string, string> = { name, fly: kind, ...(kind === "capture" ? { to } : {}) };
  return panel(
    one.title,
    el("p", { class: "bar" }, el("a", { href: link("sky", there) }, "Play it in the sky")),
    el("div", { class: "columns" }, ...one.figures.map(({ title, figure }) => plot(figure, `${one.title}: ${title.replace(/^[A-Z]/, (letter) => letter.toLowerCase())}`))),
    table(one.burns.map((burn) => ({ ...burn, delta_v_m_s: Math.round(10 * Number(burn.delta_v_m_s)) / 10 })), "Burns"), takeAway(one),
    el("ul", { class: "quiet" }, ...one.notes.map((note) => el("li", {}, note))),
    command(one.command.shell, one.command.python, one.command.json),
  );
}
