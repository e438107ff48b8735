/** Every view shows what makes it: the command, the Python and the JSON. */
import { button, el, notice } from "./dom";

export function command(shell: string, python: string, json: string): HTMLElement {
  const copy = (text: string) => button("Copy", () => void navigator.clipboard.writeText(text).then(() => notice("Copied.")));
  return el(
    "details",
    { class: "command" },
    el("summary", {}, "The command and the Python that make this"),
    el("pre", { tabindex: "0" }, shell),
    copy(shell),
    el("pre", { tabindex: "0" }, python),
    copy(python),
    el("p", {}, "As JSON: ", el("a", { href: json }, json)),
  );
}
