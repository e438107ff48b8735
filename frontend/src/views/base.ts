/** Base: people, stocks and tension at the base that runs the campaign. */
import { openStudy } from "./study";

export async function open(main: HTMLElement, settings: URLSearchParams): Promise<void> {
  await openStudy(main, settings, "base", "Base");
}
