/** Extents in texels, nearly square; the width is two to the power of `shift`, so that divisions by it are exact. */
interface Extents {
  readonly width: number;
  readonly height: number;
  readonly shift: number;
}

/** Elements of an array in rows of a texture, four a texel, and the way to write to them. */
export interface Texture extends Extents {
  /** Never given twice. */
  readonly id: number;
  readonly texture: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  /** Whether it has four layers, for rows of tiles. */
  readonly layered: boolean;
}

/** Units up to 15 are for the inputs of kernels. */
const ownUnit = 15;
/** Tiles that pass are read through the same unit: it has a place for each kind of texture. */
export const passingUnit = ownUnit;

let ids = 0;

function extentsFor(texels: number, widest: number): Extents {
  const shift = Math.min(Math.ceil(Math.log2(Math.sqrt(texels))), Math.floor(Math.log2(widest)));
  return { width: 2 ** shift, height: Math.ceil(texels / 2 ** shift), shift };
}

export function createTexture(gl: WebGL2RenderingContext, capacity: number, widest: number): Texture {
  const extents = extentsFor(Math.ceil(capacity / 4), widest);
  const { width, height } = extents;
  const texture = gl.createTexture();
  bind(gl, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, width, height);
  takeTexels(gl, gl.TEXTURE_2D);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  checkMade(gl, capacity, { texture, framebuffer });
  return { id: ids++, texture, framebuffer, layered: false, ...extents };
}

/** Four layers, which are drawn at once. */
export function createLayers(gl: WebGL2RenderingContext, capacity: number, widest: number): Texture {
  const extents = extentsFor(Math.ceil(capacity / 16), widest);
  const { width, height } = extents;
  const texture = gl.createTexture();
  bind(gl, texture, gl.TEXTURE_2D_ARRAY);
  gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA32F, width, height, 4);
  takeTexels(gl, gl.TEXTURE_2D_ARRAY);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  const places = [0, 1, 2, 3].map((layer) => gl.COLOR_ATTACHMENT0 + layer);
  places.forEach((place, layer) => {
    gl.framebufferTextureLayer(gl.FRAMEBUFFER, place, texture, 0, layer);
  });
  gl.drawBuffers(places);
  checkMade(gl, capacity, { texture, framebuffer });
  return { id: ids++, texture, framebuffer, layered: true, ...extents };
}

/** Reads give a texel as it is. */
function takeTexels(gl: WebGL2RenderingContext, target: number): void {
  gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
}

/** Asked here, where it is rare: a question to the driver waits for it. */
function checkMade(gl: WebGL2RenderingContext, elements: number, made: Made): void {
  const error = gl.getError();
  if (error !== gl.OUT_OF_MEMORY && gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE) return;
  destroyTexture(gl, made);
  throw new Error(`allocate: the device has no memory for ${elements} more elements (WebGL error ${error})`);
}

/** A framebuffer that draws into several textures at once. */
export function createShared(gl: WebGL2RenderingContext, textures: readonly Texture[]): WebGLFramebuffer {
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  const places = textures.map((_, i) => gl.COLOR_ATTACHMENT0 + i);
  textures.forEach(({ texture }, i) => {
    gl.framebufferTexture2D(gl.FRAMEBUFFER, places[i] as number, gl.TEXTURE_2D, texture, 0);
  });
  gl.drawBuffers(places);
  return framebuffer;
}

type Made = Pick<Texture, "texture" | "framebuffer">;

export function destroyTexture(gl: WebGL2RenderingContext, { texture, framebuffer }: Made): void {
  gl.deleteFramebuffer(framebuffer);
  gl.deleteTexture(texture);
}

export function writeTexture(gl: WebGL2RenderingContext, { texture, width }: Texture, values: Float32Array): void {
  bind(gl, texture);
  const rows = Math.floor(values.length / (4 * width));
  const whole = rows * width * 4;
  if (rows > 0) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, rows, gl.RGBA, gl.FLOAT, values);
  const texels = Math.ceil((values.length - whole) / 4);
  if (texels === 0) return;
  const rest = new Float32Array(texels * 4);
  rest.set(values.subarray(whole));
  gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, rows, texels, 1, gl.RGBA, gl.FLOAT, rest);
}

export function copyTexel(gl: WebGL2RenderingContext, from: Texture, fromAt: number, to: Texture, toAt: number): void {
  const [x, y] = [fromAt % from.width, Math.floor(fromAt / from.width)];
  gl.bindFramebuffer(gl.FRAMEBUFFER, from.framebuffer);
  bind(gl, to.texture);
  gl.copyTexSubImage2D(gl.TEXTURE_2D, 0, toAt % to.width, Math.floor(toAt / to.width), x, y, 1, 1);
}

function bind(gl: WebGL2RenderingContext, texture: WebGLTexture, target: number = gl.TEXTURE_2D): void {
  gl.activeTexture(gl.TEXTURE0 + ownUnit);
  gl.bindTexture(target, texture);
}

/** Makes a texture the input number `unit` of the program in use, which finds the extents at `place`. */
export function bindInput(
  gl: WebGL2RenderingContext,
  unit: number,
  input: Texture,
  place: WebGLUniformLocation | null,
): void {
  const { texture, layered, width, height, shift } = input;
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(layered ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D, texture);
  if (layered) gl.uniform2i(place, width - 1, shift);
  else gl.uniform2f(place, 1 / width, 1 / height);
}
