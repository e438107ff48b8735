/** A document of the service: facts, notes, figures and tables, drawn the same way wherever it comes from. */
import type { Figure, Json, Row } from "../api";
import { command } from "./command";
import { el, panel } from "./dom";
import { plot } from "./plot";
import { isDate, shown, title } from "./words";

export interface Document {
  title: string;
  facts?: Record<string, Json>;
  flags?: string[];
  notes?: string[];
  figures?: { title: string; says: string; figure: Figure }[];
  tables?: { title: string; rows: Row[] }[];
  command: { shell: string; python: string; json: string };
}

const LONG = 14; // rows above which a table is folded away behind its title

export function drawn(document: Document): HTMLElement[] {
  const { facts, flags = [], notes = [], figures = [], tables = [] } = document;
  return [
    el("h1", {}, document.title),
    ...(flags.length ? [el("p", {}, ...flags.map((flag) => el("span", { class: "badge warn" }, flag)))] : []),
    ...(facts ? [panel("Facts", factList(facts))] : []),
    ...(figures.length ? [el("div", { class: "columns" }, ...figures.map((one) => panel(one.title, plot(one.figure, one.says), el("p", { class: "quiet" }, one.says))))] : []),
    ...tables.filter(({ rows }) => rows.length).map(tabled),
    ...(notes.length ? [panel("What this leaves out", el("ul", {}, ...notes.map((note) => el("li", {}, note))))] : []),
    command(document.command.shell, document.command.python, document.command.json),
  ];
}

function tabled(one: { title: string; rows: Row[] }): HTMLElement {
  if (one.rows.length <= LONG) return panel(one.title, table(one.rows, one.title));
  return el("details", { class: "panel" }, el("summary", {}, `${one.title}: ${one.rows.length} rows`), table(one.rows, one.title));
}

export function factList(facts: Record<string, Json>): HTMLElement {
  const pairs = Object.entries(facts).map(([name, value]) => el("div", {}, el("dt", {}, title(name)), el("dd", {}, shown(value, name))));
  return el("dl", { class: "facts" }, ...pairs);
}

export function table(rows: Row[], caption: string, act?: (row: Row) => HTMLElement): HTMLElement {
  const names = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => row[name] !== null && row[name] !== ""));
  const numeric = (name: string): Record<string, string> => (rows.some((row) => typeof row[name] === "number") ? { class: "n" } : {});
  const head = el("tr", {}, ...names.map((name) => el("th", { scope: "col", ...numeric(name) }, title(name))), act ? el("th", { scope: "col" }, el("span", { class: "hidden" }, "Act")) : null);
  const body = rows.map((row) =>
    el("tr", {}, ...names.map((name) => el("td", isDate(row[name], name) ? { class: "d" } : numeric(name), shown(row[name], name))), act ? el("td", {}, act(row)) : null),
  );
  const caption_ = el("caption", { class: "hidden" }, caption);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, el("table", { class: "plain" }, caption_, el("thead", {}, head), el("tbody", {}, ...body)));
}
