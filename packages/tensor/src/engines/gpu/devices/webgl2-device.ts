import type { Device, Use } from "./device.js";
import { keptElements } from "./glsl-product.js";
import type { GpuJs } from "./gpu-js.js";
import { KernelCache } from "./kernel-cache.js";
import { Pool } from "./pool.js";
import type { Run } from "./pooled-device.js";
import { inAll, PooledDevice } from "./pooled-device.js";
import type { WebGl2Program } from "./webgl2-program.js";
import { compileGlsl } from "./webgl2-program.js";
import { WebGl2Reader } from "./webgl2-reader.js";
import type { Texture } from "./webgl2-texture.js";
import {
  bindInput,
  copyTexel,
  createLayers,
  createShared,
  createTexture,
  destroyTexture,
  passingUnit,
  writeTexture,
} from "./webgl2-texture.js";
import { drawTiles } from "./webgl2-tiles.js";

/** WebGL2 promises 16 units for textures; the last is for uploads. */
const mostInputs = 15;
/** WebGL2 promises to draw into four textures at once. */
const mostResults = 4;
const mostShared = 1024;
/** Kernels count texels in floats. */
const mostElements = 2 ** 26;

/** WebGL2 with floats that can be read back, or why it can't be had. */
export async function openWebGl2(gpujs: GpuJs): Promise<Device | string> {
  const gl = createContext();
  if (gl === null) return "this host has no WebGL2";
  if (gl.getExtension("EXT_color_buffer_float") === null) return "this WebGL2 can't render to float textures";
  // gpu.js compiles nothing where its own test for this fails.
  const { WebGL2Kernel } = gpujs;
  if (!WebGL2Kernel.isSupported || !WebGL2Kernel.features.isFloatRead) return "this WebGL2 can't read floats back";
  return new WebGl2Device(gpujs, gl);
}

function createContext(): WebGL2RenderingContext | null {
  const make = (canvas: OffscreenCanvas | HTMLCanvasElement): WebGL2RenderingContext | null => {
    const settings = { alpha: false, depth: false, antialias: false, powerPreference: "high-performance" };
    return canvas.getContext("webgl2", settings) as WebGL2RenderingContext | null;
  };
  // Workers have the first alone; some browsers give it no WebGL2.
  const offscreen = typeof OffscreenCanvas === "undefined" ? null : make(new OffscreenCanvas(1, 1));
  if (offscreen !== null || typeof document === "undefined") return offscreen;
  return make(document.createElement("canvas"));
}

class WebGl2Device extends PooledDevice<Texture, WebGl2Program> {
  readonly kind = "webgl2";
  readonly adapter: string;
  readonly limits: Device["limits"];
  private reason: string | null = null;
  protected readonly programs: KernelCache<WebGl2Program>;
  protected readonly pools: Readonly<Record<Use, Pool<Texture>>>;
  private readonly reader: WebGl2Reader;
  /** Framebuffers over several textures, by their ids. */
  private readonly shared = new Map<string, WebGLFramebuffer>();

  constructor(
    gpujs: GpuJs,
    private readonly gl: WebGL2RenderingContext,
  ) {
    super();
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    this.adapter = String(gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
    const units = Number(gl.getParameter(gl.MAX_TEXTURE_IMAGE_UNITS));
    const widest = Number(gl.getParameter(gl.MAX_TEXTURE_SIZE));
    const arrays = Math.min(mostInputs, units - 1);
    const elements = Math.min(widest * widest, mostElements);
    this.limits = {
      arrays,
      results: mostResults,
      together: arrays + mostResults,
      mixed: false,
      elements,
      tiles: keptElements,
    };
    this.programs = new KernelCache(this.limits.arrays, async (source) => {
      this.counts.compiles++;
      return compileGlsl(gpujs, gl, source);
    });
    const textures = (create: typeof createTexture): Pool<Texture> => {
      const make = (capacity: number): Texture => {
        this.counts.objects += 2;
        return create(gl, capacity, widest);
      };
      return new Pool(elements, make, (texture) => {
        this.dropShared();
        destroyTexture(gl, texture);
      });
    };
    this.pools = {
      lasting: textures(createTexture),
      passing: textures(createTexture),
      tiles: textures(createLayers),
    };
    this.reader = new WebGl2Reader(gl, () => this.counts.objects++);
  }

  get lost(): string | null {
    // A lost context says nothing: it reads zeros.
    if (this.reason === null && this.gl.isContextLost()) this.reason = "its context was lost";
    return this.reason;
  }

  protected upload(texture: Texture, values: Float32Array): void {
    writeTexture(this.gl, texture, values);
  }

  protected move(from: Texture, fromAt: number, to: Texture, toAt: number): void {
    copyTexel(this.gl, from, fromAt / 4, to, toAt / 4);
  }

  protected async download(texture: Texture, size: number): Promise<Float32Array> {
    this.counts.submits++;
    const values = await this.reader.read(texture, size);
    // What was refused leaves its output as it was: nothing after it can be trusted.
    const error = this.gl.getError();
    if (error !== this.gl.NO_ERROR && this.lost === null) this.reason = `WebGL error ${error}`;
    return values;
  }

  protected start(
    { program, vertices, outputSize, tiles, kept, ...places }: WebGl2Program,
    { outputs, size, inputs, scalars }: Run<Texture>,
  ): void {
    const { gl } = this;
    const textures = inputs.map(({ memory }) => memory);
    const targets = outputs.map(({ memory }) => memory);
    const [{ width }] = targets as [Texture];
    const passing = tiles === null ? null : this.pools.tiles.take(tiles.tiles * 16);
    if (tiles !== null && passing !== null) {
      this.counts.dispatches++;
      drawTiles(gl, tiles, textures as [Texture, Texture], passing.memory);
    }
    gl.useProgram(program);
    gl.bindVertexArray(vertices);
    textures.forEach((input, unit) => bindInput(gl, unit, input, places.inputSizes[unit] ?? null));
    if (tiles !== null && passing !== null) {
      bindInput(gl, passingUnit, passing.memory, tiles.productsSize);
      // What comes later is drawn later.
      this.pools.tiles.give(passing);
    }
    places.scalars.forEach((place, i) => {
      gl.uniform1f(place, scalars[i] as number);
    });
    // Only the rows that the result needs; threads of the last one that are too many write behind it.
    const rows = Math.ceil((kept || Math.ceil(size / 4)) / width);
    gl.uniform2i(outputSize, width, rows);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer(targets));
    gl.viewport(0, 0, width, rows);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** What draws into textures: each has its own, several of one size get one. */
  private framebuffer(targets: readonly Texture[]): WebGLFramebuffer {
    const [first] = targets as [Texture];
    if (targets.length === 1) return first.framebuffer;
    const key = targets.map(({ id }) => id).join();
    let framebuffer = this.shared.get(key);
    if (framebuffer === undefined) {
      if (this.shared.size >= mostShared) this.dropShared();
      framebuffer = createShared(this.gl, targets);
      this.shared.set(key, framebuffer);
      this.counts.objects++;
    }
    return framebuffer;
  }

  private dropShared(): void {
    for (const framebuffer of this.shared.values()) this.gl.deleteFramebuffer(framebuffer);
    this.shared.clear();
  }

  protected reserved(): { bytes: number; buffers: number } {
    return inAll(...Object.values(this.pools), this.reader.buffers);
  }

  protected shut(): void {
    this.reason ??= "it was closed";
    for (const { kernel, tiles } of this.programs.values()) {
      kernel.destroy(true);
      if (tiles !== null) this.gl.deleteProgram(tiles.program);
    }
    this.programs.clear();
    for (const pool of Object.values(this.pools)) pool.close();
    this.reader.buffers.close();
    // Frees what is left, and the context itself, of which a page has few.
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
