/** Plotly figures as the service draws them, in the page's colours. The library loads with the first figure. */
import type { Figure } from "../api";
import { el } from "./dom";
import "./plotly.css";

interface Plotly {
  react(node: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
}
interface Clickable extends HTMLElement {
  on?(event: string, act: (event: { points: { x: unknown; y: unknown; pointNumber: unknown }[] }) => void): void;
}

let library: Promise<Plotly> | undefined;

function plotly(): Promise<Plotly> {
  if (!document.getElementById("plotly.js-style-global")) {
    // Tells Plotly that its rules are already here: it would add them inline, which the policy forbids.
    document.head.append(el("style", { id: "plotly.js-style-global", class: "no-inline-styles" }));
  }
  library ??= import("plotly.js-cartesian-dist-min").then((module) => module.default as unknown as Plotly);
  return library;
}

export function plot(figure: Figure, label: string, clicked?: (x: unknown, y: unknown, index: unknown) => void): HTMLElement {
  const node: Clickable = el("div", { class: "plot", role: "figure", "aria-label": label });
  if (typeof figure.layout.height === "number") node.style.height = `${figure.layout.height}px`;
  const draw = async () => {
    const library = await plotly();
    const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };
    await library.react(node, figure.data, { ...figure.layout, ...colours(), autosize: true }, config);
    if (clicked) node.on?.("plotly_click", ({ points: [point] }) => point && clicked(point.x, point.y, point.pointNumber));
  };
  void draw();
  document.addEventListener("theme", () => node.isConnected && void draw());
  return node;
}

function colours(): Record<string, unknown> {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return { paper_bgcolor: colour("--raised"), plot_bgcolor: colour("--raised"), font: { color: colour("--text") } };
}
