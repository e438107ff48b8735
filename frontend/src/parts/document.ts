/** A document of the service: facts, notes, figures and tables, drawn the same way wherever it comes from. */
import type { Figure, Json, Row } from "../api";
import { command } from "./command";
import { el, panel } from "./dom";
import { plot } from "./plot";
import { shown, title } from "./words";

export interface Document {
  title: string;
  facts?: Record<string, Json>;
  flags?: string[];
  notes?: string[];
  figures?: { title: string; says: string; figure: Figure }[];
  tables?: { title: string; rows: Row[] }[];
  command: { shell: string; python: string; json: string };
}

export function drawn(document: Document): HTMLElement[] {
  const { facts, flags = [], notes = [], figures = [], tables = [] } = document;
  return [
    el("h1", {}, document.title),
    el("p", {}, ...flags.map((flag) => el("span", { class: "badge warn" }, flag))),
    ...(facts ? [panel("Facts", factList(facts))] : []),
    el("div", { class: "columns" }, ...figures.map((one) => panel(one.title, plot(one.figure, one.says), el("p", { class: "quiet" }, one.says)))),
    ...tables.filter(({ rows }) => rows.length).map((one) => panel(one.title, table(one.rows, one.title))),
    ...(notes.length ? [panel("What this leaves out", el("ul", {}, ...notes.map((note) => el("li", {}, note))))] : []),
    command(document.command.shell, document.command.python, document.command.json),
  ];
}

export function factList(facts: Record<string, Json>): HTMLElement {
  const pairs = Object.entries(facts).flatMap(([name, value]) => [el("dt", {}, title(name)), el("dd", {}, shown(value, name))]);
  return el("dl", { class: "facts" }, ...pairs);
}

export function table(rows: Row[], caption: string, act?: (row: Row) => HTMLElement): HTMLElement {
  const names = Object.keys(rows[0] ?? {});
  const numeric = (name: string): Record<string, string> => (rows.some((row) => typeof row[name] === "number") ? { class: "n" } : {});
  const head = el("tr", {}, ...names.map((name) => el("th", { scope: "col", ...numeric(name) }, title(name))), act ? el("th", { scope: "col" }, "") : null);
  const body = rows.map((row) =>
    el("tr", {}, ...names.map((name) => el("td", numeric(name), shown(row[name], name))), act ? el("td", {}, act(row)) : null),
  );
  const caption_ = el("caption", { class: "hidden" }, caption);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, el("table", { class: "plain" }, caption_, el("thead", {}, head), el("tbody", {}, ...body)));
}
