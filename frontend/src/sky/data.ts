/** The catalogue and the planets as the service packs them: columns of little-endian floats behind a JSON header. */
import { binary } from "../api";
import { writeAxes, type Elements } from "./kepler";

export interface Sky {
  count: number;
  names: string[];
  classes: string[];
  classOf: Uint8Array;
  deltaV: Float32Array;
  magnitude: Float32Array;
  orbit: Float32Array; // a au, e, M0 rad at J2000, n rad/d; four a body
  p: Float32Array;
  q: Float32Array;
}

export interface Planets { names: string[]; startDays: number; stepDays: number[]; tracks: Float32Array[] }

interface Header { columns: { name: string; type: "f4" | "u1"; length: number }[]; [key: string]: unknown }

async function packed(path: string): Promise<{ header: Header; columns: Record<string, Float32Array | Uint8Array> }> {
  const buffer = await binary(path);
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size))) as Header;
  let offset = Math.ceil((4 + size) / 4) * 4;
  const columns: Record<string, Float32Array | Uint8Array> = {};
  for (const { name, type, length } of header.columns) {
    columns[name] = type === "f4" ? new Float32Array(buffer, offset, length) : new Uint8Array(buffer, offset, length);
    offset += Math.ceil((length * (type === "f4" ? 4 : 1)) / 4) * 4;
  }
  return { header, columns };
}

/** The catalogue, each orbit repeated `crowd` times around its ring: how the page bears a larger catalogue. */
export async function sky(crowd = 1): Promise<Sky> {
  const { header, columns } = await packed("/api/sky");
  const f = (name: string) => columns[name] as Float32Array;
  const [axis, shape, tilt, node, peri, mean] = [
    f("semi_major_axis_au"), f("eccentricity"), f("inclination_rad"), f("node_rad"), f("perihelion_argument_rad"), f("mean_anomaly_j2000_rad"),
  ] as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
  const bodies = axis.length;
  const count = bodies * crowd;
  const [orbit, p, q] = [new Float32Array(4 * count), new Float32Array(3 * count), new Float32Array(3 * count)];
  const repeated = <T extends Float32Array | Uint8Array>(column: T): T => {
    const out = new (column.constructor as new (n: number) => T)(count);
    for (let k = 0; k < crowd; k++) out.set(column, k * bodies);
    return out;
  };
  for (let k = 0; k < count; k++) {
    const j = k % bodies;
    const a = axis[j]!;
    const around = mean[j]! + 2.399963 * Math.floor(k / bodies); // the golden angle spreads evenly
    orbit[4 * k] = a;
    orbit[4 * k + 1] = shape[j]!;
    orbit[4 * k + 2] = around;
    orbit[4 * k + 3] = 0.01720209895 / a ** 1.5;
    writeAxes(p, q, 3 * k, tilt[j]!, node[j]!, peri[j]!);
  }
  return {
    count, orbit, p, q,
    names: header.names as string[],
    classes: header.classes as string[],
    classOf: repeated(columns.class_index as Uint8Array),
    deltaV: repeated(f("shoemaker_helin_km_s")),
    magnitude: repeated(f("h_mag")),
  };
}

export async function planets(): Promise<Planets> {
  const { header, columns } = await packed("/api/planets");
  const names = header.names as string[];
  return {
    names,
    startDays: header.start_days as number,
    stepDays: header.step_days as number[],
    tracks: names.map((name) => columns[name] as Float32Array),
  };
}

/** Position of a planet, au, by a cubic through four samples. */
export function planetAt(planets: Planets, index: number, days: number): [number, number, number] {
  const out = { x: 0, y: 0, z: 0 };
  writePlanet(planets, index, days, out);
  return [out.x, out.y, out.z];
}

/** The same, written where it is wanted. */
export function writePlanet(planets: Planets, index: number, days: number, out: { x: number; y: number; z: number }): void {
  const track = planets.tracks[index]!;
  const u = (days - planets.startDays) / planets.stepDays[index]!;
  const last = track.length / 3 - 1;
  const k = Math.max(1, Math.min(last - 2, Math.floor(u)));
  const t = u - k;
  const a = (-t * (t - 1) * (t - 2)) / 6, b = ((t + 1) * (t - 1) * (t - 2)) / 2, c = (-(t + 1) * t * (t - 2)) / 2, d = ((t + 1) * t * (t - 1)) / 6;
  const at = 3 * (k - 1);
  out.x = a * track[at]! + b * track[at + 3]! + c * track[at + 6]! + d * track[at + 9]!;
  out.y = a * track[at + 1]! + b * track[at + 4]! + c * track[at + 7]! + d * track[at + 10]!;
  out.z = a * track[at + 2]! + b * track[at + 5]! + c * track[at + 8]! + d * track[at + 11]!;
}

export function elementsOf(sky: Sky, k: number): Elements {
  return {
    a: sky.orbit[4 * k]!, e: sky.orbit[4 * k + 1]!, M0: sky.orbit[4 * k + 2]!, n: sky.orbit[4 * k + 3]!,
    p: [...sky.p.subarray(3 * k, 3 * k + 3)], q: [...sky.q.subarray(3 * k, 3 * k + 3)],
  };
}
