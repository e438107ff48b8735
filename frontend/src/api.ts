/** The service's answers. Errors arrive as sentences and are thrown as sentences. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Row = Record<string, Json>;
export interface Figure { data: Record<string, unknown>[]; layout: Record<string, unknown> }

export class ServiceError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export async function fetched(path: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new ServiceError(0, "the service does not answer; is `motherlode serve` still running?");
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  throw new ServiceError(answer.status, sentence(text) || `the service answered ${answer.status}`);
}

function sentence(text: string): string {
  try {
    const body = JSON.parse(text) as { detail?: unknown };
    return typeof body.detail === "string" ? body.detail : text;
  } catch {
    return text;
  }
}

export async function get<T>(path: string, query: Record<string, string | number | undefined> = {}, signal?: AbortSignal): Promise<T> {
  return (await fetched(address(path, query), { signal })).json() as Promise<T>;
}

export async function binary(path: string): Promise<ArrayBuffer> {
  return (await fetched(path)).arrayBuffer();
}

export async function post<T>(path: string, body: Json): Promise<T> {
  const headers = { "content-type": "application/json" };
  return (await fetched(path, { method: "POST", headers, body: JSON.stringify(body) })).json() as Promise<T>;
}

export function address(path: string, query: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return pairs.length ? `${path}?${new URLSearchParams(pairs.map(([k, v]) => [k, String(v)]))}` : path;
}
