/** Largest number of elements whose flat indices are exact as float32, in which kernels count. */
export const mostElements = 2 ** 24;

/**
 * Statements that declare `quotient` and `rest` of an integer in [0, 2^24) by an integer. Devices round divisions
 * carelessly: the quotient may be one off, which the rest shows.
 */
export function divide(value: string, by: number | string, quotient: string, rest: string): string {
  return (
    `let ${quotient}=Math.floor(${value}/${by});let ${rest}=${value}-${quotient}*${by};` +
    `if(${rest}<0){${quotient}=${quotient}-1;${rest}=${rest}+${by};}` +
    `if(${rest}>=${by}){${quotient}=${quotient}+1;${rest}=${rest}-${by};}`
  );
}

/**
 * A flat index: the sum of coordinates (names, or "0") times strides, and of `start`, which is an expression or a number.
 */
export function flatIndex(
  coordinates: readonly string[],
  strides: readonly number[],
  start: string | number = 0,
): string {
  let text = start === 0 ? "" : `${start}`;
  coordinates.forEach((coordinate, i) => {
    const stride = strides[i] as number;
    if (coordinate === "0" || stride === 0) return;
    const far = Math.abs(stride);
    const sign = stride < 0 ? "-" : text === "" ? "" : "+";
    text += `${sign}${coordinate}${far === 1 ? "" : `*${far}`}`;
  });
  return text === "" ? "0" : text;
}

/** An axis of a strided copy. */
export interface Axis {
  readonly extent: number;
  readonly stride: number;
}

/** The axes of a strided copy, fewer where neighbours can be one: each is a division less. */
export function mergeAxes(extents: readonly number[], strides: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  extents.forEach((extent, i) => {
    if (extent === 1) return;
    const stride = strides[i] as number;
    const outer = axes.at(-1);
    if (outer !== undefined && outer.stride === stride * extent)
      axes[axes.length - 1] = { extent: outer.extent * extent, stride };
    else axes.push({ extent, stride });
  });
  return axes;
}

/** Binary steps until a range of `count` places is down to one of its `count + 1` borders. */
export const searchSteps = (count: number): number => Math.ceil(Math.log2(count + 1));
