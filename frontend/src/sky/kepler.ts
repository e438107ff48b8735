/** Two-body motion: once in GLSL for the whole cloud, once here for the few bodies that are drawn with care. */

/** Vertex-shader function: ecliptic position in au after `days`, from (a au, e, M0 rad, n rad/d) and the perifocal axes. */
export const GLSL_POSITION = /* glsl */ `
  vec3 position_at(vec4 orbit, vec3 p, vec3 q, float days) {
    float e = orbit.y;
    float turns = (orbit.z + orbit.w * days) / 6.283185307;
    float M = (turns - floor(turns + 0.5)) * 6.283185307;
    float E = M + 0.85 * e * sign(M);          // Danby's start, safe up to e = 1
    for (int k = 0; k < 7; k++) {              // Halley; seven steps reach float precision at e = 0.99
      float s = e * sin(E), c = e * cos(E);
      float f = E - s - M, d = 1.0 - c;
      E -= f / (d - 0.5 * f * s / d);
    }
    return orbit.x * ((cos(E) - e) * p + sqrt(1.0 - e * e) * sin(E) * q);
  }
`;

export interface Elements { a: number; e: number; M0: number; n: number; p: number[]; q: number[] }

/** Write the perifocal axes in the ecliptic from inclination, node and argument of perihelion, rad. */
export function writeAxes(p: Float32Array, q: Float32Array, at: number, i: number, node: number, peri: number): void {
  const ci = Math.cos(i), si = Math.sin(i), cn = Math.cos(node), sn = Math.sin(node), cw = Math.cos(peri), sw = Math.sin(peri);
  p[at] = cn * cw - sn * sw * ci;
  p[at + 1] = sn * cw + cn * sw * ci;
  p[at + 2] = sw * si;
  q[at] = -cn * sw - sn * cw * ci;
  q[at + 1] = -sn * sw + cn * cw * ci;
  q[at + 2] = cw * si;
}

/** Write the place of one body of packed columns, au: without making anything, since a click asks it of a million. */
export function writePosition(out: { x: number; y: number; z: number }, orbit: Float32Array, p: Float32Array, q: Float32Array, k: number, days: number): void {
  const a = orbit[4 * k]!, e = orbit[4 * k + 1]!;
  const E = eccentricAnomaly(orbit[4 * k + 2]! + orbit[4 * k + 3]! * days, e);
  const x = a * (Math.cos(E) - e), y = a * Math.sqrt(1 - e * e) * Math.sin(E);
  out.x = x * p[3 * k]! + y * q[3 * k]!;
  out.y = x * p[3 * k + 1]! + y * q[3 * k + 1]!;
  out.z = x * p[3 * k + 2]! + y * q[3 * k + 2]!;
}

export function eccentricAnomaly(M: number, e: number): number {
  const m = M - 2 * Math.PI * Math.round(M / (2 * Math.PI));
  let E = m + 0.85 * e * Math.sign(m);
  for (let k = 0; k < 7; k++) {
    const s = e * Math.sin(E);
    const f = E - s - m;
    const d = 1 - e * Math.cos(E);
    E -= f / (d - (0.5 * f * s) / d);
  }
  return E;
}

/** Position at an eccentric anomaly, au. */
export function onOrbit(o: Elements, E: number): [number, number, number] {
  const x = o.a * (Math.cos(E) - o.e);
  const y = o.a * Math.sqrt(1 - o.e * o.e) * Math.sin(E);
  return [0, 1, 2].map((k) => x * o.p[k]! + y * o.q[k]!) as [number, number, number];
}
