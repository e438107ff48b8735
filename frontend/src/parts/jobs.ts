/** Long work: started here, done by the service in its own process, watched, cancelled and resumed here. */
import { get, post, type Json } from "../api";
import { button, el, notice } from "./dom";

export interface Job {
  id: string;
  kind: string;
  run: string;
  state: "running" | "done" | "failed" | "cancelled" | "interrupted";
  stage: string;
  done: number;
  total: number;
  message: string;
}

const PAUSE_MS = 700;

export async function start(kind: string, study: Json): Promise<Job> {
  return post<Job>("/api/jobs", { kind, study });
}

/** A live list of jobs; `ended` is told of each that reaches its end while watched. */
export function jobList(ended: (job: Job) => void): { node: HTMLElement; close: () => void } {
  const node = el("div", { "aria-live": "polite" });
  const running = new Set<string>();
  let [timer, closed] = [0, false];
  const look = async () => {
    clearTimeout(timer); // a button asks at once
    try {
      const jobs = await get<Job[]>("/api/jobs", {}, { once: true });
      if (closed) return;
      node.replaceChildren(...jobs.slice(0, 6).map((job) => line(job, look)));
      for (const job of jobs) {
        if (job.state === "running") running.add(job.id);
        else if (running.delete(job.id)) ended(job);
      }
    } catch (error) {
      node.replaceChildren(el("p", { class: "quiet" }, `${(error as Error).message} Trying again…`));
    }
    clearTimeout(timer);
    if (!closed) timer = window.setTimeout(() => void look(), PAUSE_MS);
  };
  void look();
  const close = () => {
    closed = true;
    clearTimeout(timer);
  };
  return { node, close };
}

function line(job: Job, look: () => Promise<void>): HTMLElement {
  const say = `${job.run}: ${job.state === "running" ? job.stage : job.state}${job.message ? ` – ${job.message}` : ""}`;
  const bar = el("progress", { max: String(Math.max(job.total, 1)), value: String(job.done), "aria-label": say });
  const act = (verb: string) => () => void post<Job>(`/api/jobs/${job.id}/${verb}`, {}).then(look).catch((e: Error) => notice(e.message));
  return el(
    "p", { class: "bar", "data-job": job.id, "data-state": job.state },
    job.state === "running" ? bar : null,
    el("span", {}, say),
    job.state === "running" ? button("Cancel", act("cancel")) : null,
    ["cancelled", "failed", "interrupted"].includes(job.state) ? button("Resume", act("resume")) : null,
  );
}
