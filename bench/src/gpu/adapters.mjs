/** What the browser calls the GPU behind WebGPU; null without one. */
export async function webGpuAdapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const { vendor, architecture, device, description } = adapter.info;
  return [description || device, vendor, architecture].filter((part) => part !== "").join(", ") || "unknown";
}

/** What the browser calls the GPU behind WebGL2; null without one. */
export function webGl2Adapter() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (gl === null) return null;
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  return gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
}
