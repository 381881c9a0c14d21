import type { KernelSource } from "./device.js";
import type { Tiling } from "./glsl-product.js";
import { tilesGlsl, tilingOf } from "./glsl-product.js";
import type { Texture } from "./webgl2-texture.js";
import { bindInput, passingUnit } from "./webgl2-texture.js";

type Location = WebGLUniformLocation | null;

/** The shader that computes a product in tiles, and where the kernel that goes on with it finds them. */
export interface TilesProgram {
  readonly program: WebGLProgram;
  /** How many. */
  readonly tiles: number;
  /** Of its factors. */
  readonly sizes: readonly [Location, Location];
  readonly width: Location;
  /** In the kernel. */
  readonly productsSize: Location;
}

/** Two triangles that cover everything, without any array. */
const vertexText = [
  "#version 300 es",
  "void main() {",
  "  gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0, 0.0, 1.0);",
  "}",
].join("\n");

/** Tiles of a product that its kernel keeps; 0: it has none, or not as its output. */
export const keptTiles = ({ product, tiles }: KernelSource): number =>
  product === undefined || tiles?.output !== true ? 0 : count(product.batch, tilingOf(product) as Tiling);

const count = (batch: number, { across, down }: Tiling): number => batch * across * down;

/** Compiles what computes the product of a kernel before it; null where the kernel does that itself. */
export function compileTiles(
  gl: WebGL2RenderingContext,
  { product, tiles }: KernelSource,
  kernel: WebGLProgram,
): TilesProgram | null {
  if (product === undefined || tiles?.output === true) return null;
  const tiling = tilingOf(product);
  if (tiling === null) return null;
  const [left = 0, right = 0] = tiles?.inputs ?? [];
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertexText],
    [gl.FRAGMENT_SHADER, tilesGlsl(product, tiling, [left, right])],
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
  gl.uniform1i(gl.getUniformLocation(kernel, "products"), passingUnit);
  return {
    program,
    tiles: count(product.batch, tiling),
    sizes: [at("aScale"), at("bScale")],
    width: at("width"),
    productsSize: gl.getUniformLocation(kernel, "productsSize"),
  };
}

/** Draws the product of two textures into the layers of one, for the kernel that runs next. */
export function drawTiles(
  gl: WebGL2RenderingContext,
  { program, tiles, sizes, width }: TilesProgram,
  factors: readonly [Texture, Texture],
  layers: Texture,
): void {
  gl.useProgram(program);
  gl.bindVertexArray(null);
  factors.forEach((factor, unit) => bindInput(gl, unit, factor, sizes[unit] as Location));
  gl.uniform1i(width, layers.width);
  gl.bindFramebuffer(gl.FRAMEBUFFER, layers.framebuffer);
  gl.viewport(0, 0, layers.width, Math.ceil(tiles / layers.width));
  gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
}
