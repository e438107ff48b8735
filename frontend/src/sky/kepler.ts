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

/** Perifocal axes in the ecliptic from inclination, node and argument of perihelion, rad. */
export function axes(i: number, node: number, peri: number): { p: number[]; q: number[] } {
  const [ci, si, cn, sn, cw, sw] = [Math.cos(i), Math.sin(i), Math.cos(node), Math.sin(node), Math.cos(peri), Math.sin(peri)];
  return {
    p: [cn * cw - sn * sw * ci, sn * cw + cn * sw * ci, sw * si],
    q: [-cn * sw - sn * cw * ci, -sn * sw + cn * cw * ci, cw * si],
  };
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

export function positionAt(o: Elements, days: number): [number, number, number] {
  return onOrbit(o, eccentricAnomaly(o.M0 + o.n * days, o.e));
}

/** Position at an eccentric anomaly, au. */
export function onOrbit(o: Elements, E: number): [number, number, number] {
  const x = o.a * (Math.cos(E) - o.e);
  const y = o.a * Math.sqrt(1 - o.e * o.e) * Math.sin(E);
  return [0, 1, 2].map((k) => x * o.p[k]! + y * o.q[k]!) as [number, number, number];
}
