/** A study's document: pick a study, wait for its figures, read them. Campaign and base are two such documents. */
import { get, LONG } from "../api";
import { drawn, type Document } from "../parts/document";
import { choice, el, labelled, problem } from "../parts/dom";
import { keep } from "../place";

export async function openStudy(main: HTMLElement, settings: URLSearchParams, kind: string, heading: string): Promise<void> {
  const studies = await get<string[]>(`/api/studies/${kind}`);
  const chosen = settings.get("study") || studies[0] || "";
  const body = el("div", {});
  const load = async (study: string) => {
    keep({ study });
    body.replaceChildren(el("p", { class: "quiet", role: "status" }, "Working it out…"));
    try {
      body.replaceChildren(...drawn(await get<Document>(`/api/${kind}/${encodeURIComponent(study)}`, {}, LONG)));
    } catch (error) {
      body.replaceChildren(problem(error, () => void load(study)));
    }
  };
  const pick = choice(studies.map((study): [string, string] => [study, study]), chosen, (study) => void load(study));
  main.replaceChildren(el("h1", {}, heading), el("div", { class: "bar" }, labelled("Study ", pick)), body);
  if (chosen) await load(chosen);
  else body.replaceChildren(el("p", {}, "No study with such a part was found."));
}
