/** The drawn sky: Sun, planets, the cloud of asteroids moved by the graphics card, one chosen orbit and its arcs. */
import {
  AdditiveBlending, BufferAttribute, BufferGeometry, CanvasTexture, Color, HalfFloatType, Line, LineBasicMaterial, Mesh,
  MeshBasicMaterial, OrthographicCamera, PerspectiveCamera, PlaneGeometry, Points, Scene, ShaderMaterial, SphereGeometry,
  Sprite, SpriteMaterial, Vector3, WebGLRenderer, WebGLRenderTarget,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { elementsOf, planetAt, writePlanet, type Planets, type Sky } from "./data";
import { GLSL_POSITION, onOrbit, writePosition } from "./kepler";

const PLANET_COLOURS = ["#b8a99a", "#e6c88f", "#5aa9e6", "#e2714d", "#d9b38c", "#e8d6a0", "#9fd8e0", "#6d8fe0"];

const LEG_COLOURS = ["#8ea3bd", "#56b4e9", "#f0b142", "#cc79a7", "#009e73"];
const BURN_COLOUR = "#ff8f70";
const CRAFT_COLOUR = "#7dffb2";

const VERTEX = /* glsl */ `
  attribute vec4 orbit;
  attribute vec3 p;
  attribute vec3 q;
  attribute vec3 tint;
  attribute float seen;
  uniform float days;
  uniform float size;
  varying vec3 colour;
  ${GLSL_POSITION}
  void main() {
    colour = tint;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position_at(orbit, p, q, days), 1.0);
    gl_PointSize = size;
    if (seen < 0.5) gl_Position = vec4(2.0, 2.0, 2.0, 1.0); // outside the clip volume: not drawn
  }
`;
const FRAGMENT = /* glsl */ `
  varying vec3 colour;
  void main() {
    if (length(gl_PointCoord - 0.5) > 0.5) discard;
    gl_FragColor = vec4(colour, 1.0);
  }
`;
/** The summed light of overlapping points, shown on a logarithmic scale: a crowd stays readable, one point stays seen. */
const DENSITY = /* glsl */ `
  uniform sampler2D light;
  uniform float gain;
  varying vec2 at;
  void main() {
    vec3 sum = texture2D(light, at).rgb;
    float crowd = max(max(sum.r, sum.g), max(sum.b, 1e-4));
    gl_FragColor = vec4(sum / crowd * min(1.0, gain * log2(1.0 + crowd)), 1.0);
  }
`;
const SCREEN = /* glsl */ `
  varying vec2 at;
  void main() {
    at = uv;
    gl_Position = vec4(position.xy, 1.0, 1.0);
  }
`;

export class SkyScene {
  days = 0;
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly crowd = new Scene();
  private readonly light = new WebGLRenderTarget(1, 1, { type: HalfFloatType, depthBuffer: false });
  private readonly flat = new OrthographicCamera();
  private readonly screen: Mesh<PlaneGeometry, ShaderMaterial>;
  private readonly camera = new PerspectiveCamera(50, 1, 0.001, 200);
  private readonly controls: OrbitControls;
  private readonly cloud: Points<BufferGeometry, ShaderMaterial>;
  private readonly spheres: Mesh[];
  private readonly marker: Mesh;
  private readonly labels: Sprite[] = [];
  private readonly balls = new Map<Mesh, number>();
  private readonly centre = new Vector3();
  private readonly lately = new Vector3();
  private extras: (Line | Mesh)[] = [];
  private chosen = -1;
  private gain = 0.4;
  private follow: "sun" | "body" | number = "sun";
  private traveller?: { mesh: Mesh; track: Float64Array };

  constructor(readonly canvas: HTMLCanvasElement, readonly sky: Sky, readonly planets: Planets) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, preserveDrawingBuffer: true });
    this.renderer.setClearColor("#05070b");
    this.camera.up.set(0, 0, 1);
    this.camera.position.set(0, -3.4, 2.4);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.minDistance = 0.004;
    this.controls.maxDistance = 80;
    this.cloud = this.madeCloud();
    this.screen = this.madeScreen();
    this.spheres = planets.names.map((name, k) => this.planet(name, 0.016 + 0.02 * Number(k > 3), PLANET_COLOURS[k] ?? "#ffffff"));
    this.marker = this.ball(0.014, "#ffffff");
    this.marker.visible = false;
    this.ball(0.03, "#ffdf80");
    planets.names.forEach((_, k) => this.scene.add(this.planetPath(k)));
    this.resize();
  }

  /** Colour every body; a dim cloud lets a chosen orbit stand out. */
  tint(colours: Float32Array, seen: Float32Array): void {
    this.cloud.geometry.setAttribute("tint", new BufferAttribute(colours, 3));
    this.cloud.geometry.setAttribute("seen", new BufferAttribute(seen, 1));
    const drawn = seen.reduce((sum, one) => sum + one, 0);
    this.gain = drawn > 200_000 ? 0.18 : 0.4;
    this.cloud.material.uniforms.size!.value = drawn > 200_000 ? 1 : 2.2 * Math.min(2, devicePixelRatio);
  }

  /** Mark one body and draw its orbit; -1 marks none. */
  choose(index: number): void {
    this.chosen = index;
    this.clearExtras();
    this.marker.visible = index >= 0;
    if (index < 0) return;
    const orbit = elementsOf(this.sky, index);
    const ring = Array.from({ length: 721 }, (_, k) => onOrbit(orbit, (k / 360) * Math.PI));
    this.addLine(ring.flat(), "#ffffff", 0.9);
  }

  /** Draw legs as (t days, x, y, z au) rows with their burns, and let a craft fly along them with the clock; returns the colours. */
  fly(legs: { label: string; track: number[][] }[], burns: number[]): string[] {
    const colours = legs.map((_, k) => LEG_COLOURS[k % LEG_COLOURS.length]!);
    legs.forEach(({ track }, k) => this.addLine(track.flatMap(([, x, y, z]) => [x!, y!, z!]), colours[k]!, 1));
    const track = Float64Array.from(legs.flatMap(({ track }) => track.flat()));
    if (!track.length) return colours;
    for (const days of burns) {
      const flash = this.ball(0.012, BURN_COLOUR);
      placed(track, days, flash.position);
      this.extras.push(flash);
    }
    this.traveller = { mesh: this.ball(0.016, CRAFT_COLOUR), track };
    this.extras.push(this.traveller.mesh);
    return colours;
  }

  /** Turn around the Sun, a planet by its number, or the chosen body or craft, and come near enough to see it. */
  around(what: "sun" | "body" | number): void {
    this.follow = what;
    this.moveCentre();
    const away = this.camera.position.sub(this.controls.target);
    away.setLength(what === "sun" ? 4.2 : what === "body" ? 0.9 : what < 4 ? 0.25 : 3);
    this.controls.target.copy(this.centre);
    this.camera.position.add(this.centre);
  }

  /** The body nearest to a point of the screen, within some pixels; -1 where none is. */
  pick(x: number, y: number, seen: Float32Array): number {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const at = new Vector3();
    let [best, reach] = [-1, 14 ** 2];
    for (let k = 0; k < this.sky.count; k++) {
      if (!seen[k]) continue;
      writePosition(at, this.sky.orbit, this.sky.p, this.sky.q, k, this.days);
      at.project(this.camera);
      const gap = ((at.x + 1) * 0.5 * w - x) ** 2 + ((1 - at.y) * 0.5 * h - y) ** 2;
      if (at.z < 1 && gap < reach) [best, reach] = [k, gap];
    }
    return best;
  }

  draw(): void {
    this.cloud.material.uniforms.days!.value = this.days;
    for (let k = 0; k < this.spheres.length; k++) {
      writePlanet(this.planets, k, this.days, this.spheres[k]!.position);
      this.labels[k]!.position.copy(this.spheres[k]!.position);
    }
    if (this.chosen >= 0) writePosition(this.marker.position, this.sky.orbit, this.sky.p, this.sky.q, this.chosen, this.days);
    this.moveTraveller();
    this.moveCentre();
    this.controls.update();
    for (const [ball, radius] of this.balls) ball.scale.setScalar(Math.min(1, (0.007 * this.camera.position.distanceTo(ball.position)) / radius));
    this.screen.material.uniforms.gain!.value = this.chosen < 0 ? this.gain : 0.6 * this.gain; // let the orbit stand out
    this.renderer.autoClear = true;
    this.renderer.setRenderTarget(this.light);
    this.renderer.render(this.crowd, this.camera);
    this.renderer.setRenderTarget(null);
    this.renderer.render(this.screen, this.flat);
    this.renderer.autoClear = false;
    this.renderer.render(this.scene, this.camera);
  }

  /** Calls and points of the last frame, all passes, and the graphics card as it names itself. */
  measured(): { calls: number; bodies: number; card: string } {
    const gl = this.renderer.getContext();
    const named = gl.getExtension("WEBGL_debug_renderer_info");
    const lines = this.scene.children.length;
    return { calls: 2 + lines, bodies: this.sky.count, card: String(named ? gl.getParameter(named.UNMASKED_RENDERER_WEBGL) : gl.getParameter(gl.RENDERER)) };
  }

  /** Wait until the card has drawn everything asked of it. */
  finish(): void {
    this.renderer.getContext().readPixels(0, 0, 1, 1, 6408, 5121, new Uint8Array(4));
  }

  resize(): void {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    if (!w || !h) return;
    this.renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    this.renderer.setSize(w, h, false);
    this.light.setSize(w * this.renderer.getPixelRatio(), h * this.renderer.getPixelRatio());
    this.camera.aspect = w / h;
    this.camera.updateProjectionMatrix();
  }

  /** Turn and zoom from the keyboard. */
  nudge(key: string): boolean {
    const turn: Record<string, [number, number, number]> = {
      ArrowLeft: [-0.1, 0, 1], ArrowRight: [0.1, 0, 1], ArrowUp: [0, 0.08, 1], ArrowDown: [0, -0.08, 1],
      "+": [0, 0, 0.85], "-": [0, 0, 1.18],
    };
    const found = turn[key];
    if (!found) return false;
    const [round, up, zoom] = found;
    const place = this.camera.position.sub(this.controls.target);
    const [r, lon, lat] = [place.length() * zoom, Math.atan2(place.y, place.x) + round, Math.asin(place.z / place.length()) + up];
    const bound = Math.max(-1.5, Math.min(1.5, lat));
    place.set(r * Math.cos(lon) * Math.cos(bound), r * Math.sin(lon) * Math.cos(bound), r * Math.sin(bound)).add(this.controls.target);
    return true;
  }

  close(): void {
    this.controls.dispose();
    this.renderer.dispose();
  }

  private madeCloud(): Points<BufferGeometry, ShaderMaterial> {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(new Float32Array(3 * this.sky.count), 3));
    geometry.setAttribute("orbit", new BufferAttribute(this.sky.orbit, 4));
    geometry.setAttribute("p", new BufferAttribute(this.sky.p, 3));
    geometry.setAttribute("q", new BufferAttribute(this.sky.q, 3));
    const uniforms = { days: { value: 0 }, size: { value: 2 } };
    const material = new ShaderMaterial({
      uniforms, vertexShader: VERTEX, fragmentShader: FRAGMENT, blending: AdditiveBlending, depthTest: false, transparent: true,
    });
    const cloud = new Points(geometry, material);
    cloud.frustumCulled = false;
    this.crowd.add(cloud);
    return cloud;
  }

  private madeScreen(): Mesh<PlaneGeometry, ShaderMaterial> {
    const uniforms = { light: { value: this.light.texture }, gain: { value: 0.5 } };
    const material = new ShaderMaterial({ uniforms, vertexShader: SCREEN, fragmentShader: DENSITY, depthTest: false, depthWrite: false });
    const screen = new Mesh(new PlaneGeometry(2, 2), material);
    screen.frustumCulled = false;
    return screen;
  }

  private planet(name: string, radius: number, colour: string): Mesh {
    const label = labelled(name.replace(/^./, (letter) => letter.toUpperCase()), colour);
    this.labels.push(label);
    this.scene.add(label);
    return this.ball(radius, colour);
  }

  /** A ball that never looks larger than a dot, however near the eye comes. */
  private ball(radius: number, colour: string): Mesh {
    const mesh = new Mesh(new SphereGeometry(radius, 20, 14), new MeshBasicMaterial({ color: new Color(colour) }));
    this.balls.set(mesh, radius);
    this.scene.add(mesh);
    return mesh;
  }

  private planetPath(k: number): Line {
    const periods = [88, 224.7, 365.26, 687, 4332.6, 10759, 30685, 60190];
    const points = Array.from({ length: 361 }, (_, j) => planetAt(this.planets, k, ((periods[k] ?? 365) * j) / 360 - (periods[k] ?? 0) / 2));
    return this.line(points.flat(), PLANET_COLOURS[k] ?? "#ffffff", 0.45);
  }

  private line(points: number[], colour: string, opacity: number): Line {
    const geometry = new BufferGeometry().setAttribute("position", new BufferAttribute(Float32Array.from(points), 3));
    return new Line(geometry, new LineBasicMaterial({ color: new Color(colour), transparent: true, opacity }));
  }

  private addLine(points: number[], colour: string, opacity: number): void {
    const line = this.line(points, colour, opacity);
    this.extras.push(line);
    this.scene.add(line);
  }

  private clearExtras(): void {
    for (const one of this.extras) {
      this.scene.remove(one);
      one.geometry.dispose();
      if (one instanceof Mesh) this.balls.delete(one);
    }
    this.extras = [];
    this.traveller = undefined;
  }

  private moveTraveller(): void {
    if (!this.traveller) return;
    const { mesh, track } = this.traveller;
    mesh.visible = this.days >= track[0]! && this.days <= track[track.length - 4]!;
    if (mesh.visible) placed(track, this.days, mesh.position);
  }

  /** Carry eye and centre along with what is followed. */
  private moveCentre(): void {
    const flying = this.traveller?.mesh.visible ? this.traveller.mesh : this.chosen >= 0 ? this.marker : undefined;
    if (this.follow === "sun") this.centre.set(0, 0, 0);
    else if (this.follow === "body") this.centre.copy(flying?.position ?? this.centre);
    else this.centre.copy(this.spheres[this.follow]!.position);
    this.camera.position.add(this.centre).sub(this.lately);
    this.controls.target.add(this.centre).sub(this.lately);
    this.lately.copy(this.centre);
  }
}

/** Write the place at a time on a track of (t, x, y, z) rows, straight between two of them. */
function placed(track: Float64Array, days: number, out: Vector3): void {
  let [low, high] = [0, track.length / 4 - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (track[4 * middle]! <= days) low = middle;
    else high = middle;
  }
  const share = Math.max(0, Math.min(1, (days - track[4 * low]!) / Math.max(track[4 * high]! - track[4 * low]!, 1e-9)));
  const at = (c: number) => track[4 * low + c]! * (1 - share) + track[4 * high + c]! * share;
  out.set(at(1), at(2), at(3));
}

/** A name that stays the same size on the screen whatever the distance. */
function labelled(text: string, colour: string): Sprite {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [256, 64];
  const pen = canvas.getContext("2d")!;
  pen.font = "32px system-ui, sans-serif";
  pen.fillStyle = colour;
  pen.fillText(text, 24, 42);
  const sprite = new Sprite(new SpriteMaterial({ map: new CanvasTexture(canvas), sizeAttenuation: false, depthTest: false }));
  sprite.scale.set(0.14, 0.035, 1);
  sprite.center.set(0, 0.5);
  return sprite;
}
