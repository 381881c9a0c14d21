/** GPUBufferUsage and GPUMapMode by the numbers of the standard: Node has no such globals. */
export const usage = {
  mapRead: 0x01,
  copyFrom: 0x04,
  copyTo: 0x08,
  uniform: 0x40,
  storage: 0x80,
} as const;

/** GPUShaderStage likewise. */
export const shaderStage = { compute: 0x4 } as const;
