/** The page: which view is open, the search box, light and dark. */
import { get, signOut } from "./api";
import { arrived, Missing } from "./parts/code";
import { el, notice, panel, problem } from "./parts/dom";
import { here, link } from "./place";
import "./style.css";

type View = (main: HTMLElement, settings: URLSearchParams) => Promise<(() => void) | void>;

const VIEWS: Record<string, { title: string; open: () => Promise<{ open: View }> }> = {
  sky: { title: "Sky", open: () => import("./views/sky") },
  hunt: { title: "Hunt", open: () => import("./views/hunt") },
  asteroid: { title: "Asteroid", open: () => import("./views/asteroid") },
  campaign: { title: "Campaign", open: () => import("./views/campaign") },
  base: { title: "Base", open: () => import("./views/base") },
};

const main = document.getElementById("main") as HTMLElement;
let leave: (() => void) | void;
let visit = 0;

async function show(): Promise<void> {
  const { view, settings } = here();
  const chosen = (Object.hasOwn(VIEWS, view) && VIEWS[view]) || VIEWS.sky!;
  const mine = ++visit;
  leave?.();
  leave = undefined;
  // Each visit fills a stage of its own: a view that answers late, after the reader went on, shows nothing.
  const stage = el("div", {}, el("p", { class: "quiet", role: "status" }, "Loading…"));
  main.className = view;
  main.replaceChildren(stage);
  mark(view);
  document.title = `${chosen.title} · motherlode`;
  try {
    const done = await (await arrived(chosen.open)).open(stage, settings);
    if (mine === visit) leave = done;
    else done?.();
  } catch (error) {
    stage.replaceChildren(problem(error, () => void again(error)));
  }
}

/** Open the view anew. A browser may remember that code was missing: then only the whole page anew brings it. */
async function again(error: unknown): Promise<void> {
  const reached = error instanceof Missing && (await fetch("/health").then((answer) => answer.ok, () => false));
  if (reached) location.reload();
  else await show();
}

function mark(view: string): void {
  const links = Object.entries(VIEWS).map(([name, { title }]) =>
    el("a", name === view ? { href: link(name), "aria-current": "page" } : { href: link(name) }, title),
  );
  document.getElementById("views")?.replaceChildren(...links);
}

function search(): void {
  const form = document.getElementById("search") as HTMLFormElement;
  const box = document.getElementById("query") as HTMLInputElement;
  const found = document.getElementById("found") as HTMLDataListElement;
  let waiting: AbortController | undefined;
  box.addEventListener("input", () => {
    waiting?.abort();
    waiting = new AbortController();
    if (box.value.length < 2) return;
    get<{ designation: string; full_name: string }[]>("/api/asteroids", { q: box.value, limit: 12 }, { signal: waiting.signal })
      .then((rows) => found.replaceChildren(...rows.map((row) => el("option", { value: row.designation }, row.full_name))))
      .catch(() => undefined);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (box.value.trim()) location.hash = link("asteroid", { name: box.value.trim() });
  });
}

function theme(): void {
  const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? system;
  document.getElementById("theme")?.addEventListener("click", () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    document.dispatchEvent(new Event("theme"));
  });
}

function leaving(): void {
  document.getElementById("sign-out")?.addEventListener("click", () => void signOut().then(out).catch((error: Error) => notice(error.message)));
  const out = () => {
    visit++;
    leave?.();
    leave = undefined;
    const said = panel("Signed out", el("p", { role: "status" }, "This browser is signed out. To come back, open the address that `motherlode serve` printed."));
    main.className = "";
    main.replaceChildren(said);
  };
}

theme();
search();
leaving();
addEventListener("hashchange", () => void show());
void show();
