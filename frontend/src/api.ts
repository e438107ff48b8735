/** The service's answers. Errors arrive as sentences and are thrown as sentences; what passes by itself is asked again. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Row = Record<string, Json>;
export type Query = Record<string, string | number | undefined>;
export interface Figure { data: Record<string, unknown>[]; layout: Record<string, unknown> }

/** How a question is asked: until when, how long one waits for its answer, and whether it is asked again. */
export interface Asking { signal?: AbortSignal; patienceMs?: number; once?: boolean }

export class ServiceError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export const LONG: Asking = { patienceMs: 30 * 60_000 }; // what is worked out may take minutes
const PATIENCE_MS = 60_000; // what is only looked up takes less than a second
const PAUSES_MS = [300, 700, 1500, 3000];
const UNREACHED = "the service does not answer; is `motherlode serve` still running?";

/** An answer, read to its end. A question that changes nothing is asked again where it was lost on the way. */
async function asked<T>(path: string, init: RequestInit, read: (answer: Response) => Promise<T>, asking: Asking): Promise<T> {
  const pauses = init.method === "POST" || asking.once ? [] : PAUSES_MS;
  for (let tried = 0; ; tried++) {
    try {
      return await answered(path, init, read, asking);
    } catch (error) {
      const lost = error instanceof ServiceError && (error.status === 0 || error.status === 503);
      if (!lost || tried >= pauses.length) throw error;
      await pause(Math.max(pauses[tried]!, (error as Busy).afterMs ?? 0));
    }
  }
}

/** Too much at once: the service says when to come back. */
class Busy extends ServiceError {
  constructor(message: string, readonly afterMs: number) {
    super(503, message);
  }
}

async function answered<T>(path: string, init: RequestInit, read: (answer: Response) => Promise<T>, asking: Asking): Promise<T> {
  const { patienceMs = PATIENCE_MS } = asking;
  const enough = AbortSignal.timeout(patienceMs);
  const signal = asking.signal ? AbortSignal.any([asking.signal, enough]) : enough;
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, signal });
    if (answer.ok) return await read(answer);
  } catch (error) {
    if (enough.aborted) throw new ServiceError(408, `no answer within ${patienceMs / 1000} s; the service may be busy with something large`);
    if ((error as Error).name === "AbortError") throw error;
    throw new ServiceError(0, UNREACHED);
  }
  const said = sentence(await answer.text().catch(() => "")) || `the service answered ${answer.status}`;
  if (answer.status === 503) throw new Busy(said, 1000 * (Number(answer.headers.get("retry-after")) || 0));
  throw new ServiceError(answer.status, said);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function sentence(text: string): string {
  try {
    const body = JSON.parse(text) as { detail?: unknown };
    return typeof body.detail === "string" ? body.detail : text;
  } catch {
    return text;
  }
}

export async function get<T>(path: string, query: Query = {}, asking: Asking = {}): Promise<T> {
  return asked(address(path, query), {}, (answer) => answer.json() as Promise<T>, asking);
}

export async function binary(path: string): Promise<ArrayBuffer> {
  return asked(path, {}, (answer) => answer.arrayBuffer(), {});
}

export async function post<T>(path: string, body: Json): Promise<T> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return asked(path, init, (answer) => answer.json() as Promise<T>, {});
}

/** End this browser's session, for good. */
export async function signOut(): Promise<void> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  await asked("/sign-out", init, (answer) => answer.text(), {});
}

export function address(path: string, query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return pairs.length ? `${path}?${new URLSearchParams(pairs.map(([k, v]) => [k, String(v)]))}` : path;
}
