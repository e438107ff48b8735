/** Numbers and names as people read them: units from the column name, money short, dates as dates. */
import type { Json } from "../api";

const UNITS: [RegExp, string][] = [
  [/_km_s$/, "km/s"], [/_m_s$/, "m/s"], [/_km2_s2$/, "km²/s²"], [/_km$/, "km"], [/_m$/, "m"], [/_au$/, "au"], [/_deg$/, "°"],
  [/_kg$/, "kg"], [/_t$/, "t"], [/_d$/, "d"], [/_h$/, "h"], [/_usd$/, "US$"], [/_kg_m3$/, "kg/m³"], [/_jd_tt$/, "JD TT"], [/_tdb$/, ""],
];

/** Orbit classes by the codes of the Small-Body Database; a code that is not here is shown as it is. */
export const CLASS_NAMES: Record<string, string> = {
  IEO: "Atira", ATE: "Aten", APO: "Apollo", AMO: "Amor", MCA: "Mars-crosser", IMB: "Inner main belt", MBA: "Main belt",
  OMB: "Outer main belt", TJN: "Jupiter Trojan", CEN: "Centaur", TNO: "Trans-Neptunian", AST: "Other",
};

export function title(column: string): string {
  const found = UNITS.find(([pattern]) => pattern.test(column));
  const bare = (found ? column.replace(found[0], "") : column).replaceAll("_", " ");
  const name = bare.replace(/\bdelta v\b/g, "Δv").replace(/^./, (letter) => letter.toUpperCase());
  return found?.[1] ? `${name} (${found[1]})` : name;
}

export function shown(value: Json | undefined, column = ""): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && /(^|_)(year|number|seed)$/.test(column)) return String(value);
  if (typeof value === "number") return column.endsWith("_usd") ? money(value) : figure(value);
  if (Array.isArray(value)) return value.map((item) => shown(item)).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([k, v]) => `${title(k)} ${shown(v, k)}`).join(" · ");
  return value;
}

export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(2);
  return value.toLocaleString("en", { maximumSignificantDigits: size < 100 ? 4 : 6 });
}

export function money(value: number): string {
  const steps: [number, string][] = [[1e15, "P$"], [1e12, "T$"], [1e9, "G$"], [1e6, "M$"], [1e3, "k$"]];
  const [scale, unit] = steps.find(([limit]) => Math.abs(value) >= limit) ?? [1, "$"];
  return `${(value / scale).toLocaleString("en", { maximumSignificantDigits: 3 })} ${unit}`;
}

/** Calendar date of TDB seconds past J2000. */
export function date(tdb: number): string {
  return new Date(Date.UTC(2000, 0, 1, 12) + tdb * 1000).toISOString().slice(0, 10);
}
