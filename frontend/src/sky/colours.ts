/** Colours of the cloud: by class from a colour-blind-safe set, by a number on a perceptual scale. */

/** Okabe & Ito 2008, without black. */
export const SET = ["#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#9aa4ff", "#c9c9c9"];

/** Cividis at nine points (Nuñez, Anderton & Renslow 2018). */
const SCALE = ["#fee838", "#e1cc55", "#c3b369", "#a69c75", "#8a8779", "#6f737a", "#575d6d", "#3b496c", "#233a6f"];

export function rgb(hex: string): [number, number, number] {
  return [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16) / 255) as [number, number, number];
}

/** 0 is bright (cheap, valuable), 1 is dark. */
export function scaled(u: number): [number, number, number] {
  const t = Math.max(0, Math.min(0.9999, u)) * (SCALE.length - 1);
  const [low, high] = [rgb(SCALE[Math.floor(t)]!), rgb(SCALE[Math.floor(t) + 1]!)];
  return low.map((c, k) => c + (high[k]! - c) * (t % 1)) as [number, number, number];
}

export const SCALE_ENDS = [SCALE[0]!, SCALE[4]!, SCALE[8]!];
