/** Hunt: the ranked table of a run, the funnel behind it, and the work that makes another. */
import { TabulatorFull } from "../parts/tabulator";
import { address, get, post, type Figure, type Row } from "../api";
import { command } from "../parts/command";
import { button, choice, el, labelled, notice, panel, problem } from "../parts/dom";
import { jobList, start } from "../parts/jobs";
import { plot } from "../parts/plot";
import { shown, title } from "../parts/words";
import { keep, link } from "../place";

interface Run { name: string; finished: boolean; rows: number }
interface Shortlist { columns: { name: string; meaning: string }[]; rows: Row[]; total: number }
interface Selection { filter: string; sort: string; columns: string }

export async function open(main: HTMLElement, settings: URLSearchParams): Promise<() => void> {
  const runs = await get<Run[]>("/api/runs");
  const jobs = jobList((job) => {
    notice(`${job.run}: ${job.state}`);
    if (job.state === "done") location.hash = link("hunt", { run: job.run, at: String(Date.now()) });
  });
  const run = settings.get("run") || runs[0]?.name || "";
  const result = el("div", {});
  const pick = choice(runs.map(({ name }): [string, string] => [name, name]), run, (name) => (location.hash = link("hunt", { run: name })));
  main.replaceChildren(
    el("h1", {}, "Hunt"),
    el("div", { class: "bar" }, runs.length ? labelled("Run ", pick) : el("span", {}, "No run yet: start one below.")),
    result,
    panel("Start a hunt", starter(), jobs.node),
  );
  if (run) await filled(result, run, settings);
  return jobs.close;
}

/** The table and the funnel of a run; what cannot be had is told in their place, and the rest of the view stays. */
async function filled(result: HTMLElement, run: string, settings: URLSearchParams): Promise<void> {
  result.replaceChildren(el("p", { class: "quiet", role: "status" }, `Reading ${run}…`));
  await fill(result, run, settings).catch((error: unknown) => result.replaceChildren(problem(error, () => void filled(result, run, settings))));
}

async function fill(result: HTMLElement, run: string, settings: URLSearchParams): Promise<void> {
  const state: Selection = { filter: settings.get("filter") ?? "", sort: settings.get("sort") ?? "", columns: settings.get("columns") ?? "" };
  const holder = el("div", { id: "shortlist" });
  const downloads = el("span", { class: "bar links" });
  const count = el("output", { class: "quiet" });
  const path = `/api/runs/${encodeURIComponent(run)}/shortlist`;
  const box = el("input", { type: "text", size: "44", value: state.filter, placeholder: "min_delta_v_km_s < 6 and h_mag < 24" });
  let all: Shortlist["columns"] = [];

  const load = async () => {
    keep({ run, ...state });
    try {
      const list = await get<Shortlist>(path, { ...state, limit: 5000 });
      all = list.columns;
      count.textContent = `${list.total.toLocaleString("en")} rows`;
      downloads.replaceChildren(...["csv", "parquet"].map((kind) => el("a", { href: address(`${path}.${kind}`, { ...state }), download: `${run}.${kind}` }, kind.toUpperCase())));
      tabulate(holder, list, state, load);
    } catch (error) {
      holder.replaceChildren(problem(error, () => void load()));
    }
  };
  const form = el("form", { class: "bar" }, labelled("Filter ", box), el("button", { class: "main" }, "Apply"), count, downloads);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    state.filter = box.value.trim();
    void load();
  });
  const columns = el("details", {}, el("summary", {}, "Columns"));
  columns.addEventListener("toggle", () => columns.open && columns.replaceChildren(el("summary", {}, "Columns"), columnBoxes(all, state, load)));
  const selections = el("span", { class: "bar" });
  await showSelections(selections, state, box, load);
  const funnel = await get<Figure>(`/api/runs/${encodeURIComponent(run)}/funnel`);
  result.replaceChildren(
    el("section", { class: "panel" }, form, columns, selections, holder),
    panel("Funnel", plot(funnel, "Funnel: how many asteroids each stage kept and rejected")),
    command(
      `motherlode hunt --json   # tables in runs/${run}/`,
      `import motherlode as ml\nrun = ml.Study.load("runs/${run}")\nprint(run)`,
      address(path, { ...state }),
    ),
  );
  await load();
}

function tabulate(holder: HTMLElement, list: Shortlist, state: Selection, load: () => Promise<void>): void {
  const meanings = new Map(list.columns.map(({ name, meaning }) => [name, meaning]));
  const names = Object.keys(list.rows[0] ?? {});
  if (!names.length) {
    holder.replaceChildren(el("p", {}, "No row passes this filter."));
    return;
  }
  const [sorted, direction] = state.sort.split(" ");
  const table = new TabulatorFull(fresh(holder), {
    data: list.rows,
    maxHeight: "60vh",
    index: "designation",
    selectableRows: 1,
    columnHeaderSortMulti: false,
    initialSort: sorted ? [{ column: sorted, dir: direction === "desc" ? "desc" : "asc" }] : [],
    columns: names.map((name, k) => ({
      title: title(name), field: name, headerTooltip: meanings.get(name) ?? name, frozen: k < 2, minWidth: name === "rank" ? 60 : 90,
      hozAlign: typeof list.rows[0]![name] === "number" ? "right" : "left",
      sorter: list.rows.some((row) => typeof row[name] === "number") ? "number" : "string",
      formatter: (cell: { getValue(): Row[string] }) => cellOf(cell.getValue(), name),
    })),
  });
  // The scrolling body holds the rows, and says so to a screen reader.
  table.on("tableBuilt", () => {
    holder.querySelector(".tabulator-tableholder")?.setAttribute("role", "rowgroup");
    holder.querySelector(".tabulator-table")?.setAttribute("role", "presentation");
    holder.querySelectorAll<HTMLElement>(".tabulator-col.tabulator-sortable").forEach(sortedByKeys);
  });
  table.on("rowClick", (_: unknown, row: { getData(): Row }) => (location.hash = link("asteroid", { name: String(row.getData().designation) })));
  table.on("headerClick", () => setTimeout(() => {
    const [by] = table.getSorters() as { field: string; dir: string }[];
    if (!by || state.sort === `${by.field} ${by.dir}`) return;
    state.sort = `${by.field} ${by.dir}`;
    void load();
  }));
}

/** A value as text; the designation leads to its asteroid, with keys too. */
function cellOf(value: Row[string], name: string): Node {
  const text = document.createTextNode(shown(value, name));
  return name === "designation" ? el("a", { href: link("asteroid", { name: String(value) }) }, text) : text;
}

function sortedByKeys(header: HTMLElement): void {
  header.tabIndex = 0;
  header.addEventListener("keydown", (event) => {
    if (event.target !== header || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    header.click();
  });
}

/** A new place for each table: one that is torn down while the next is built writes into nobody's page. */
function fresh(holder: HTMLElement): HTMLElement {
  const place = el("div", {});
  holder.replaceChildren(place);
  return place;
}

function columnBoxes(all: Shortlist["columns"], state: Selection, load: () => Promise<void>): HTMLElement {
  const chosen = new Set(state.columns ? state.columns.split(",") : all.map(({ name }) => name));
  const boxes = all.map(({ name, meaning }) => {
    const box = el("input", { type: "checkbox", title: meaning });
    box.checked = chosen.has(name);
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(name);
      else chosen.delete(name);
      state.columns = all.map((column) => column.name).filter((column) => chosen.has(column)).join(",");
      void load();
    });
    return labelled(` ${title(name)}`, box);
  });
  return el("div", { class: "bar" }, ...boxes);
}

async function showSelections(node: HTMLElement, state: Selection, box: HTMLInputElement, load: () => Promise<void>): Promise<void> {
  const saved = await get<Record<string, Selection>>("/api/selections");
  const name = el("input", { type: "text", size: "16", placeholder: "name", "aria-label": "Name of this selection" });
  const save = button("Save selection", () => {
    if (!name.value.trim()) return notice("Give the selection a name.");
    void post("/api/selections", { name: name.value.trim(), ...state })
      .then(() => showSelections(node, state, box, load))
      .catch((error: Error) => notice(error.message));
  });
  const use = choice([["", "saved selections"], ...Object.keys(saved).map((one): [string, string] => [one, one])], "", (one) => {
    if (!saved[one]) return;
    Object.assign(state, saved[one]);
    box.value = state.filter;
    void load();
  });
  use.setAttribute("aria-label", "Saved selections");
  node.replaceChildren(use, name, save);
}

function starter(): HTMLElement {
  const study = el("textarea", { rows: "10", spellcheck: "false", "aria-label": "Study, as TOML" });
  const kinds = el("select", { "aria-label": "Example" });
  void get<{ name: string; toml: string }[]>("/api/examples").then((examples) => {
    kinds.replaceChildren(...examples.map(({ name }) => el("option", { value: name }, name)));
    const fill = () => (study.value = examples.find(({ name }) => name === kinds.value)?.toml ?? "");
    kinds.addEventListener("change", fill);
    if (!study.value) fill(); // what the reader has begun to write stays
  }).catch((error: Error) => notice(error.message));
  const go = button("Start", () => {
    go.disabled = true;
    start("hunt", study.value)
      .then((job) => notice(`${job.run} started`))
      .catch((error: Error) => notice(error.message))
      .finally(() => (go.disabled = false));
  }, { class: "main" });
  return el("div", {}, el("p", { class: "bar" }, labelled("Example ", kinds), go), study);
}
