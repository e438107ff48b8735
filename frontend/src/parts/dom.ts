/** Elements from plain calls. Text is always a text node: nothing from a catalogue is read as markup. */
import { ServiceError } from "../api";

type Child = Node | string | null | undefined;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child): child is Node | string => child != null));
  return node;
}

export function panel(title: string, ...children: Child[]): HTMLElement {
  return el("section", { class: "panel" }, el("h2", {}, title), ...children);
}

export function button(label: string, act: () => void, attributes: Record<string, string> = {}): HTMLButtonElement {
  const node = el("button", { type: "button", ...attributes }, label);
  node.addEventListener("click", act);
  return node;
}

export function labelled(label: string, control: HTMLElement): HTMLElement {
  return el("label", {}, el("span", {}, label), control);
}

export function choice(options: [string, string][], chosen: string, changed: (value: string) => void): HTMLSelectElement {
  const node = el("select", {}, ...options.map(([value, text]) => el("option", { value }, text)));
  node.value = chosen;
  node.addEventListener("change", () => changed(node.value));
  return node;
}

/** What went wrong, in its own words, and a button for another go where that may help. */
export function problem(error: unknown, again?: () => void): HTMLElement {
  const text = error instanceof Error ? error.message : String(error);
  const retry = again && !final(error) ? el("p", {}, button("Try again", again)) : null;
  return el("section", { class: "panel problem", role: "alert" }, el("h2", {}, "That did not work"), el("p", {}, text), retry);
}

/** What was asked is wrong, and stays so. */
function final(error: unknown): boolean {
  return error instanceof ServiceError && [404, 422].includes(error.status);
}

export function notice(text: string): void {
  const line = el("p", {}, text);
  document.getElementById("notice")?.append(line);
  setTimeout(() => line.remove(), 6000);
}
