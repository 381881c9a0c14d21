/** Elements of an array in rows of a texture, four a texel, and the way to write to them. Sizes are in texels. */
export interface Texture {
  /** Never given twice. */
  readonly id: number;
  readonly texture: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  readonly width: number;
  readonly height: number;
  /** The width is two to the power of this. */
  readonly shift: number;
}

/** Units up to 15 are for the inputs of kernels. */
const ownUnit = 15;

let ids = 0;

/** Nearly square; the width is a power of two, by which shaders divide with a shift. */
export function createTexture(gl: WebGL2RenderingContext, capacity: number, widest: number): Texture {
  const texels = Math.ceil(capacity / 4);
  const shift = Math.min(Math.ceil(Math.log2(Math.sqrt(texels))), Math.floor(Math.log2(widest)));
  const width = 2 ** shift;
  const height = Math.ceil(texels / width);
  const texture = gl.createTexture();
  bind(gl, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, width, height);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  // Asked here, where it is rare: a question to the driver waits for it.
  const error = gl.getError();
  if (error === gl.OUT_OF_MEMORY || gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) {
    destroyTexture(gl, { texture, framebuffer });
    throw new Error(`allocate: the device has no memory for ${capacity} more elements (WebGL error ${error})`);
  }
  return { id: ids++, texture, framebuffer, width, height, shift };
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

export function destroyTexture(
  gl: WebGL2RenderingContext,
  { texture, framebuffer }: Pick<Texture, "texture" | "framebuffer">,
): void {
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

function bind(gl: WebGL2RenderingContext, texture: WebGLTexture): void {
  gl.activeTexture(gl.TEXTURE0 + ownUnit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
}
