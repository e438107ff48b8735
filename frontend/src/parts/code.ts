/** Code that is fetched when it is first needed: a view, the drawing library. */
import { pause } from "../api";

const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** The code did not come, at the second try either. */
export class Missing extends Error {
  constructor() {
    super("a part of the page did not arrive; is `motherlode serve` still running?");
  }
}

/** Fetch code; what was lost on the way is fetched again, once. */
export async function arrived<T>(fetched: () => Promise<T>): Promise<T> {
  return inTime(fetched).catch(() => pause(PAUSE_MS).then(() => inTime(fetched)));
}

function inTime<T>(fetched: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = setTimeout(() => reject(new Missing()), PATIENCE_MS);
    fetched().then(resolve, () => reject(new Missing())).finally(() => clearTimeout(late));
  });
}
