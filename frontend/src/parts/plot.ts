/** Plotly figures as the service draws them, in the page's colours. The library loads with the first figure. */
import type { Figure } from "../api";
import { arrived } from "./code";
import { el, problem } from "./dom";
import "./plotly.css";

interface Plotly {
  react(node: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
}
interface Clickable extends HTMLElement {
  on?(event: string, act: (event: { points: { x: unknown; y: unknown; pointNumber: unknown }[] }) => void): void;
}

let library: Promise<Plotly> | undefined;

function plotly(): Promise<Plotly> {
  stylesByScript();
  library ??= arrived(() => import("plotly.js-cartesian-dist-min")).then((module) => module.default as unknown as Plotly);
  library.catch(() => (library = undefined)); // the next figure asks again
  return library;
}

/**
 * Plotly writes `style` attributes and a style element of its own; the policy refuses both. Styles set by script are
 * allowed: so the attributes are set that way, and a stand-in with the element's name says that its rules are already
 * here (they are in plotly.css).
 */
function stylesByScript(): void {
  if (document.getElementById("plotly.js-style-global")) return;
  document.head.append(el("meta", { id: "plotly.js-style-global", class: "no-inline-styles" }));
  SVGElement.prototype.setAttribute = function (name: string, value: string) {
    if (name === "style") this.style.cssText = value;
    else Element.prototype.setAttribute.call(this, name, value);
  };
}

export function plot(figure: Figure, label: string, clicked?: (x: unknown, y: unknown, index: unknown) => void): HTMLElement {
  const node: Clickable = el("div", { class: "plot", role: "figure", "aria-label": label });
  const { caption, layout } = titled(figure);
  if (typeof figure.layout.height === "number") node.style.height = `${figure.layout.height}px`;
  const draw = async () => {
    const library = await plotly();
    const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };
    await library.react(node, figure.data, { ...layout, ...colours(), autosize: true }, config);
    if (clicked) node.on?.("plotly_click", ({ points: [point] }) => point && clicked(point.x, point.y, point.pointNumber));
  };
  const drawn = () => void draw().catch((error: unknown) => node.replaceChildren(problem(error, () => { node.replaceChildren(); drawn(); })));
  drawn();
  document.addEventListener("theme", () => node.isConnected && drawn());
  return el("div", {}, caption ? el("p", { class: "caption" }, caption) : null, node);
}

/** The title above a figure is text of the page: it breaks where the figure is narrow, a drawn one is cut. */
function titled({ layout }: Figure): { caption: string; layout: Record<string, unknown> } {
  const { title, margin, ...rest } = layout as { title?: { text?: string }; margin?: Record<string, number> };
  return { caption: title?.text ?? "", layout: { ...rest, margin: { ...margin, t: 14 } } };
}

function colours(): Record<string, unknown> {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return { paper_bgcolor: colour("--raised"), plot_bgcolor: colour("--raised"), font: { color: colour("--text") } };
}
