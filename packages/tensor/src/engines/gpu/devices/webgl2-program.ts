import type { KernelSource } from "./device.js";
import { completeGlsl } from "./glsl.js";
import type { GlslKernel, GpuJs } from "./gpu-js.js";
import { compileError, kernelSettings, otherVersion } from "./gpu-js.js";
import type { TilesProgram } from "./webgl2-tiles.js";
import { compileTiles, keptTiles } from "./webgl2-tiles.js";

type Location = WebGLUniformLocation | null;

/** A compiled kernel, and where its arguments go. */
export interface WebGl2Program {
  readonly kernel: GlslKernel;
  readonly program: WebGLProgram;
  /** The two triangles that cover the output. */
  readonly vertices: WebGLVertexArrayObject;
  /** Extents of the output's texture. */
  readonly outputSize: Location;
  /** For the extents of each input's texture. */
  readonly inputSizes: readonly Location[];
  readonly scalars: readonly Location[];
  /** What computes a product before. */
  readonly tiles: TilesProgram | null;
  /** Tiles that it draws, instead of elements in rows; 0: it does not. */
  readonly kept: number;
}

const arrayType = "ArrayTexture(1)";

export function compileGlsl(gpujs: GpuJs, gl: WebGL2RenderingContext, source: KernelSource): WebGl2Program {
  // What gpu.js sets for the vertices of a kernel belongs to this alone.
  const vertices = gl.createVertexArray();
  gl.bindVertexArray(vertices);
  try {
    const settings = { ...kernelSettings(source, arrayType), context: gl, canvas: gl.canvas };
    const kernel = new gpujs.WebGL2Kernel(source.text, settings);
    const sample = { type: arrayType, context: gl, size: [1, 1], dimensions: [1, 1, 1], output: [1], texture: null };
    withCompletion(gl, source, () => {
      kernel.build(...Array(source.arrays).fill(sample), ...Array(source.scalars).fill(1));
    });
    return locate(gl, source, kernel, vertices);
  } catch (error) {
    gl.deleteVertexArray(vertices);
    throw compileError(source, error);
  } finally {
    gl.disable(gl.SCISSOR_TEST);
  }
}

/** gpu.js hands its shaders over while it builds a kernel: the one for fragments is completed on the way. */
function withCompletion(gl: WebGL2RenderingContext, source: KernelSource, build: () => void): void {
  gl.shaderSource = (shader, code) => {
    const isFragment = gl.getShaderParameter(shader, gl.SHADER_TYPE) === gl.FRAGMENT_SHADER;
    WebGL2RenderingContext.prototype.shaderSource.call(gl, shader, isFragment ? completeGlsl(code, source) : code);
  };
  try {
    build();
  } finally {
    // Its own again, the prototype's.
    delete (gl as Partial<WebGL2RenderingContext>).shaderSource;
  }
}

function locate(
  gl: WebGL2RenderingContext,
  source: KernelSource,
  kernel: GlslKernel,
  vertices: WebGLVertexArrayObject,
): WebGl2Program {
  const { program, kernelArguments } = kernel;
  if (!program || !kernelArguments) throw new Error(otherVersion);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "no link");
  const at = (name: string): Location => gl.getUniformLocation(program, name);
  const { arrays } = source;
  const inputs = kernelArguments.slice(0, arrays);
  gl.useProgram(program);
  gl.uniform2f(at("ratio"), 1, 1);
  inputs.forEach(({ id, dimensionsId }, unit) => {
    gl.uniform1i(at(id), unit);
    gl.uniform3i(at(dimensionsId), 1, 1, 1);
  });
  const outputSize = at("uTexSize");
  if (outputSize === null) throw new Error(otherVersion);
  return {
    kernel,
    program,
    vertices,
    outputSize,
    inputSizes: inputs.map(({ sizeId }) => at(sizeId)),
    scalars: kernelArguments.slice(arrays).map(({ id }) => at(id)),
    tiles: compileTiles(gl, source, program),
    kept: keptTiles(source),
  };
}
