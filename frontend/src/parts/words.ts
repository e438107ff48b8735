/** Numbers and names as people read them: units from the column name, money short, dates as dates. */
import type { Json } from "../api";

const UNITS: [RegExp, string][] = [
  [/_km_s$/, "km/s"], [/_m_s$/, "m/s"], [/_km2_s2$/, "km²/s²"], [/_kg_m3$/, "kg/m³"], [/_g_cm3$/, "g/cm³"], [/_km$/, "km"], [/_m$/, "m"],
  [/_au$/, "au"], [/_deg$/, "°"], [/_arcsec$/, "″"], [/_kg$/, "kg"], [/_t$/, "t"], [/_d$/, "d"], [/_h$/, "h"], [/_yr$/, "yr"], [/_pa$/, "Pa"],
  [/_usd$/, "US$"], [/_jd_tt$/, "JD TT"], [/_tdb$/, ""], [/_mag$/, "mag"],
];

const STAMP = /^\d{4}-\d\d-\d\d(T\d\d:\d\d|$)/;

/** Names that a reader would not guess from the key. */
const NAMES: Record<string, string> = {
  full_name: "Name", h_mag: "Absolute magnitude H", pha: "Potentially hazardous", u_code: "Orbit uncertainty U (0–9)", n_observations: "Observations",
  n_oppositions: "Oppositions", rms_arcsec: "Residuals (″)", arc_d: "Observed arc (d)", epoch_jd_tt: "Epoch of the elements (JD TT)",
  shoemaker_helin_km_s: "Δv, Shoemaker–Helin (km/s)", two_burn_from_earth_orbit_km_s: "Δv from Earth orbit, two burns (km/s)",
  two_burn_from_mars_orbit_km_s: "Δv from Mars orbit, two burns (km/s)", min_delta_v_km_s: "Least Δv (km/s)", duration_d: "Duration (d)",
  min_duration_d: "Shortest trip (d)", delta_v_at_min_duration_km_s: "Δv of the shortest trip (km/s)", n_trajectories: "Trajectories",
  depart_tdb: "Leaves", arrive_tdb: "Arrives", launch_tdb: "Launch", leave_tdb: "Leaves again", return_tdb: "Home", max_mass_t: "A tug moves (t)",
  c3_km2_s2: "C3 (km²/s²)", flown_m_s: "Δv under every pull (m/s)", stays: "Stays there", thermal_inertia_si: "Thermal inertia (SI)",
  extent_km: "Extent (km)", pole_radec_deg: "Pole, RA/Dec (°)", node_deg: "Ascending node (°)", likely_class: "Likely class", break_even_price_factor: "Break-even × price",
  probability_npv_positive: "P(NPV > 0)", epoch_tdb: "Date", flags: "Flags", usd: "US$", port: "Home port",
};

/** Orbit classes by the codes of the Small-Body Database; a code that is not here is shown as it is. */
export const CLASS_NAMES: Record<string, string> = {
  IEO: "Atira", ATE: "Aten", APO: "Apollo", AMO: "Amor", MCA: "Mars-crosser", IMB: "Inner main belt", MBA: "Main belt",
  OMB: "Outer main belt", TJN: "Jupiter Trojan", CEN: "Centaur", TNO: "Trans-Neptunian", AST: "Other",
};

export function title(column: string): string {
  if (Object.hasOwn(NAMES, column)) return NAMES[column]!;
  const share = /_(p\d\d|mean)$/.exec(column);
  if (share) return `${title(column.slice(0, share.index))}, ${share[1] === "p50" ? "median" : share[1] === "mean" ? "mean" : `${Number(share[1]!.slice(1))} %`}`;
  if (/^p\d\d$/.test(column)) return column === "p50" ? "Median" : `${Number(column.slice(1))} %`;
  const found = UNITS.find(([pattern]) => pattern.test(column));
  const bare = (found ? column.replace(found[0], "") : column).replaceAll("_", " ");
  const name = bare.replace(/\bdelta v\b/g, "Δv").replace(/\bv infinity\b/g, "v∞").replace(/\bnpv usd\b/g, "NPV").replace(/\bnpv\b/g, "NPV").replace(/\bpgm\b/g, "PGM").replace(/^./, (letter) => letter.toUpperCase());
  return found?.[1] ? `${name} (${found[1]})` : name;
}

export function shown(value: Json | undefined, column = ""): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (column === "quantity" && typeof value === "string") return title(value);
  if (typeof value === "string" && STAMP.test(value)) return value.slice(0, 16).replace("T", " ").replace(" 00:00", "");
  if (column === "orbit_class" && typeof value === "string") return Object.hasOwn(CLASS_NAMES, value) ? CLASS_NAMES[value]! : value;
  if (typeof value === "number" && /_tdb$/.test(column)) return date(value);
  if (typeof value === "number" && /(^|_)(year|number|seed|jd_tt|h_mag|mag)$/.test(column)) return String(value);
  if (typeof value === "number") return /(^|[_ ])usd($|[_ ])/i.test(column) ? money(value) : figure(value);
  if (Array.isArray(value)) return value.map((item) => shown(item)).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([k, v]) => `${title(k)} ${shown(v, `${k} ${column}`)}`).join(" · ");
  return value;
}

/** Whether a cell is a date: it is kept on one line. */
export function isDate(value: Json | undefined, column: string): boolean {
  return typeof value === "string" ? STAMP.test(value) : typeof value === "number" && /_tdb$/.test(column);
}

export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return powers(value);
  return value.toLocaleString("en", { maximumSignificantDigits: size < 100 ? 4 : 6 });
}

/** 7.33 × 10¹⁰ rather than 7.33e+10. */
function powers(value: number): string {
  const [digits, power] = value.toExponential(2).split("e");
  return `${digits} × 10${power!.replace("+", "").replace(/[-\d]/g, (letter) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(letter)]!)}`;
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
