/** Campaign: missions in time, what flows where, the cash, who gains. */
import { openStudy } from "./study";

export async function open(main: HTMLElement, settings: URLSearchParams): Promise<void> {
  await openStudy(main, settings, "campaign", "Campaign");
}
