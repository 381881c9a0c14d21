import type { KernelSource } from "./device.js";
import { tilesGlsl, tilingOf } from "./glsl-product.js";
import { capacityFor } from "./pool.js";
import type { Texture } from "./webgl2-texture.js";
import { createLayers, destroyTexture, layersUnit } from "./webgl2-texture.js";

type Location = WebGLUniformLocation | null;

/** The shader that computes a product in tiles, and where the kernel that goes on with it finds them. */
export interface TilesProgram {
  readonly program: WebGLProgram;
  /** How many. */
  readonly tiles: number;
  readonly scales: readonly [Location, Location];
  readonly width: Location;
  /** In the kernel: its texture's width minus one, and the power of two that its width is. */
  readonly productsSize: Location;
}

/** Two triangles that cover everything, without any array. */
const vertexText = [
  "#version 300 es",
  "void main() {",
  "  gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0, 0.0, 1.0);",
  "}",
].join("\n");

/** Compiles what computes the product of a kernel; null where the kernel does that itself. */
export function compileTiles(
  gl: WebGL2RenderingContext,
  { product }: KernelSource,
  kernel: WebGLProgram,
): TilesProgram | null {
  const tiling = product === undefined ? null : tilingOf(product);
  if (product === undefined || tiling === null) return null;
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertexText],
    [gl.FRAGMENT_SHADER, tilesGlsl(product, tiling)],
  ] as const) {
    const shader = gl.createShader(kind) as WebGLShader;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    // It lives as long as the program.
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    const log = gl.getProgramInfoLog(program);
    gl.deleteProgram(program);
    throw new Error(log ?? "no link");
  }
  const at = (name: string): Location => gl.getUniformLocation(program, name);
  gl.useProgram(program);
  gl.uniform1i(at("a"), 0);
  gl.uniform1i(at("b"), 1);
  gl.useProgram(kernel);
  gl.uniform1i(gl.getUniformLocation(kernel, "products"), layersUnit);
  return {
    program,
    tiles: product.batch * tiling.across * tiling.down,
    scales: [at("aScale"), at("bScale")],
    width: at("width"),
    productsSize: gl.getUniformLocation(kernel, "productsSize"),
  };
}

/** Computes products in tiles. All are drawn into one texture, which grows as they do: each is used up before the next. */
export class WebGl2Tiles {
  private layers: Texture | null = null;
  /** Texels of a layer. */
  private room = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly widest: number,
    private readonly made: (objects: number) => void,
  ) {}

  /** What is alive: elements, and how many textures. */
  get alive(): { readonly elements: number; readonly slots: number } {
    return { elements: this.room * 16, slots: this.layers === null ? 0 : 1 };
  }

  /** Draws the product of two textures, for the kernel that runs next; gives what it was drawn into. */
  draw({ program, tiles, scales, width }: TilesProgram, factors: readonly [Texture, Texture]): Texture {
    const { gl } = this;
    const layers = this.layersFor(tiles);
    gl.useProgram(program);
    gl.bindVertexArray(null);
    factors.forEach((factor, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, factor.texture);
      gl.uniform2f(scales[unit] as Location, 1 / factor.width, 1 / factor.height);
    });
    gl.uniform1i(width, layers.width);
    gl.bindFramebuffer(gl.FRAMEBUFFER, layers.framebuffer);
    gl.viewport(0, 0, layers.width, Math.ceil(tiles / layers.width));
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.activeTexture(gl.TEXTURE0 + layersUnit);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, layers.texture);
    return layers;
  }

  close(): void {
    if (this.layers !== null) destroyTexture(this.gl, this.layers);
    this.layers = null;
    this.room = 0;
  }

  private layersFor(tiles: number): Texture {
    if (this.layers !== null && tiles <= this.room) return this.layers;
    this.close();
    const room = capacityFor(tiles);
    this.layers = createLayers(this.gl, room, this.widest);
    this.room = room;
    this.made(2);
    return this.layers;
  }
}
