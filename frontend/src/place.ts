/** Where the reader is: view and its settings, kept in the address so that a link restores them. */

export interface Place { view: string; settings: URLSearchParams }

export function here(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { view: path || "sky", settings: new URLSearchParams(query) };
}

export function link(view: string, settings: Record<string, string> = {}): string {
  const query = new URLSearchParams(Object.entries(settings).filter(([, value]) => value !== "")).toString();
  return `#/${view}${query ? `?${query}` : ""}`;
}

/** Keep the settings in the address without leaving the view. */
export function keep(settings: Record<string, string>): void {
  const place = here();
  history.replaceState(null, "", link(place.view, { ...Object.fromEntries(place.settings), ...settings }));
}
