// 2-d convolution (cross-correlation), NCHW, float32: forward and both gradients, as matrix products whose packed panels
// are gathered straight from the (zero-padded) image; no im2col matrix is ever written out.
//
// Conv block, u32 words, the same for all three functions:
//   0 N  1 Cin  2 H  3 W  4 Cout  5 kh  6 kw  7 OH  8 OW  9 strideH  10 strideW  11 padH  12 padW  13 dilationH
//   14 dilationW  15 groups  16 xSlot [N, Cin, H, W]  17 wSlot [Cout, Cin/groups, kh, kw]  18 ySlot [N, Cout, OH, OW]
//   19 scratchSlot (convScratchBytes(block))
// The two operands are read, the third is written in full. Every window must lie inside the padded image.
import { MAX_DEPTH, TILE_BYTES, blockDepth, multiplyBlock, packColumns, packRows, roundUp4, transpose4 } from "./panels";

/** Output pixels (weightGrad: taps) whose panels are gathered at a time. */
const WIDTH: usize = 128;
/** Rows of the unfolded gradient held at a time by conv2dInputGrad. */
const TAPS: usize = 256;

function planeBytes(block: usize): usize {
  const padH = load<usize>(block, 44), padW = load<usize>(block, 48);
  if (!(padH | padW)) return 0;
  const height = load<usize>(block, 8) + 2 * padH, width = load<usize>(block, 12) + 2 * padW;
  return (load<usize>(block, 4) / load<usize>(block, 60)) * height * width << 2;
}

/**
 * Scratch for any of the three functions. With G = groups, c = Cin/G, o = Cout/G, K = c*kh*kw, P = OH*OW, and padded
 * plane bytes Z = 4*c*(H+2*padH)*(W+2*padW), or 0 without padding:
 * `128 + 4*K + 4*P + Z + 4*max(G*ceil4(o)*K, G*ceil4(K)*o, ceil4(o)*512) + 4*128*(512 + 256)`, in whole 64s.
 */
export function convScratchBytes(block: usize): usize {
  const groups = load<usize>(block, 60);
  const cout = load<usize>(block, 16) / groups;
  const taps = (load<usize>(block, 4) / groups) * load<usize>(block, 20) * load<usize>(block, 24);
  const pixels = load<usize>(block, 28) * load<usize>(block, 32);
  const rows = max<usize>(max<usize>(groups * roundUp4(cout) * taps, groups * roundUp4(taps) * cout), roundUp4(cout) * MAX_DEPTH);
  const floats = taps + pixels + rows + WIDTH * (MAX_DEPTH + TAPS);
  return (TILE_BYTES + planeBytes(block) + (floats << 2) + 63) & ~63;
}

// Byte offsets, inside the padded planes of one group, of every tap (from its window's corner).
function writeTaps(block: usize, dst: usize, channels: usize): void {
  const kh = load<usize>(block, 20), kw = load<usize>(block, 24);
  const width = load<usize>(block, 12) + 2 * load<usize>(block, 48);
  const plane = (load<usize>(block, 8) + 2 * load<usize>(block, 44)) * width;
  const stepY = load<usize>(block, 52) * width, stepX = load<usize>(block, 56);
  for (let c: usize = 0; c < channels; c++) {
    for (let y: usize = 0; y < kh; y++) {
      for (let x: usize = 0; x < kw; x++) {
        store<usize>(dst, c * plane + y * stepY + x * stepX << 2);
        dst += 4;
      }
    }
  }
}

// Byte offsets of the corner of every output pixel's window.
function writePixels(block: usize, dst: usize): void {
  const height = load<usize>(block, 28), width = load<usize>(block, 32);
  const stepY = load<usize>(block, 36) * (load<usize>(block, 12) + 2 * load<usize>(block, 48)), stepX = load<usize>(block, 40);
  for (let y: usize = 0; y < height; y++) {
    for (let x: usize = 0; x < width; x++) {
      store<usize>(dst, y * stepY + x * stepX << 2);
      dst += 4;
    }
  }
}

// Copies planes into the middle of zeroed padded planes, or back.
function copyPlanes(block: usize, padded: usize, image: usize, channels: usize, back: bool): void {
  const h = load<usize>(block, 8), row = load<usize>(block, 12) << 2;
  const padH = load<usize>(block, 44), width = row + (load<usize>(block, 48) << 3);
  padded += padH * width + (load<usize>(block, 48) << 2);
  for (let c: usize = 0; c < channels; c++) {
    for (let y: usize = 0; y < h; y++) {
      if (back) memory.copy(image, padded, row);
      else memory.copy(padded, image, row);
      image += row;
      padded += width;
    }
    padded += 2 * padH * width;
  }
}

// Four lines (base + the byte offsets at `lines`) by `count` entries of `table`, written as [count] groups of 4.
function gather4(dst: usize, step: usize, base: usize, lines: usize, valid: usize, table: usize, count: usize): void {
  const p0 = base + load<usize>(lines);
  const p1 = valid > 1 ? base + load<usize>(lines, 4) : p0;
  const p2 = valid > 2 ? base + load<usize>(lines, 8) : p1;
  const p3 = valid > 3 ? base + load<usize>(lines, 12) : p2;
  const end = table + (count << 2);
  if (p1 - p0 == 4 && p2 - p0 == 8 && p3 - p0 == 12) {
    for (; table != end; table += 4) {
      v128.store(dst, v128.load(p0 + load<usize>(table)));
      dst += step;
    }
    return;
  }
  while (table != end) {
    const at = load<usize>(table);
    if (table + 16 <= end && load<usize>(table, 4) - at == 4 && load<usize>(table, 8) - at == 8 && load<usize>(table, 12) - at == 12) {
      transpose4(dst, step, p0 + at, p1 + at, p2 + at, p3 + at);
      dst += step << 2;
      table += 16;
    } else {
      store<u32>(dst, load<u32>(p0 + at));
      store<u32>(dst, load<u32>(p1 + at), 4);
      store<u32>(dst, load<u32>(p2 + at), 8);
      store<u32>(dst, load<u32>(p3 + at), 12);
      dst += step;
      table += 4;
    }
  }
}

// Packed B panels of `count` lines by `depth` entries, laid out as packColumns does.
function gatherPanels(dst: usize, base: usize, lines: usize, count: usize, table: usize, depth: usize): void {
  for (let j: usize = 0; j < count; j += 8) {
    const left = count - j;
    const step: usize = left > 4 ? 32 : 16;
    gather4(dst, step, base, lines, left, table, depth);
    if (left > 4) gather4(dst + 16, step, base, lines + 16, left - 4, table, depth);
    dst += depth * step;
    lines += 32;
  }
}

/** y = conv2d(x, w) for the images [imageStart, imageEnd). */
export function conv2d(block: usize, imageStart: usize, imageEnd: usize): void {
  const h = load<usize>(block, 8), w = load<usize>(block, 12), groups = load<usize>(block, 60);
  const cin = load<usize>(block, 4) / groups, cout = load<usize>(block, 16) / groups;
  const taps = cin * load<usize>(block, 20) * load<usize>(block, 24), pixels = load<usize>(block, 28) * load<usize>(block, 32);
  const x = load<usize>(load<usize>(block, 64)), weight = load<usize>(load<usize>(block, 68)), y = load<usize>(load<usize>(block, 72));
  const tile = load<usize>(load<usize>(block, 76));
  const tapTable = tile + TILE_BYTES, pixelTable = tapTable + (taps << 2), planes = pixelTable + (pixels << 2);
  const zeroed = planeBytes(block), rows = planes + zeroed, perGroup = roundUp4(cout) * taps << 2;
  const columns = rows + groups * perGroup;
  const depthMax = blockDepth(taps);
  writeTaps(block, tapTable, cin);
  writePixels(block, pixelTable);
  memory.fill(planes, 0, zeroed);
  for (let g: usize = 0; g < groups; g++) {
    for (let k: usize = 0; k < taps; k += depthMax) {
      const depth = min<usize>(taps - k, depthMax);
      packRows(rows + g * perGroup + (k * roundUp4(cout) << 2), weight + (g * cout * taps + k << 2), taps << 2, 4, cout, depth);
    }
  }
  for (let image = imageStart; image < imageEnd; image++) {
    for (let g: usize = 0; g < groups; g++) {
      let source = x + ((image * groups + g) * cin * h * w << 2);
      if (zeroed) {
        copyPlanes(block, planes, source, cin, false);
        source = planes;
      }
      const out = y + ((image * groups + g) * cout * pixels << 2);
      for (let p: usize = 0; p < pixels; p += WIDTH) {
        const some = min<usize>(pixels - p, WIDTH);
        let k: usize = 0;
        do {
          const depth = min<usize>(taps - k, depthMax);
          gatherPanels(columns, source, pixelTable + (p << 2), some, tapTable + (k << 2), depth);
          multiplyBlock(rows + g * perGroup + (k * roundUp4(cout) << 2), columns, 0, depth, out + (p << 2), pixels << 2, cout, some, k > 0, tile);
          k += depthMax;
        } while (k < taps);
      }
    }
  }
}

// plane[tap + pixel] += unfolded[tap][pixel]; runs of neighbouring pixels are added 4 at a time.
function foldBack(unfolded: usize, rowBytes: usize, planes: usize, tapTable: usize, taps: usize, pixelTable: usize, pixels: usize): void {
  const end = pixelTable + (pixels << 2);
  for (let k: usize = 0; k < taps; k++) {
    const base = planes + load<usize>(tapTable + (k << 2));
    let from = unfolded;
    let at = pixelTable;
    while (at != end) {
      const first = load<usize>(at);
      const to = base + first;
      if (at + 16 <= end && load<usize>(at, 12) - first == 12 && load<usize>(at, 8) - first == 8 && load<usize>(at, 4) - first == 4) {
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
        at += 16;
        from += 16;
      } else {
        store<f32>(to, load<f32>(to) + load<f32>(from));
        at += 4;
        from += 4;
      }
    }
    unfolded += rowBytes;
  }
}

/** x = the gradient with respect to the input, given y's gradient in ySlot, for the images [imageStart, imageEnd). */
export function conv2dInputGrad(block: usize, imageStart: usize, imageEnd: usize): void {
  const h = load<usize>(block, 8), w = load<usize>(block, 12), groups = load<usize>(block, 60);
  const cin = load<usize>(block, 4) / groups, cout = load<usize>(block, 16) / groups;
  const taps = cin * load<usize>(block, 20) * load<usize>(block, 24), pixels = load<usize>(block, 28) * load<usize>(block, 32);
  const x = load<usize>(load<usize>(block, 64)), weight = load<usize>(load<usize>(block, 68)), y = load<usize>(load<usize>(block, 72));
  const tile = load<usize>(load<usize>(block, 76));
  const tapTable = tile + TILE_BYTES, pixelTable = tapTable + (taps << 2), planes = pixelTable + (pixels << 2);
  const padded = planeBytes(block), rows = planes + padded, perGroup = roundUp4(taps) * cout << 2;
  const columns = rows + groups * perGroup, unfolded = columns + (WIDTH * MAX_DEPTH << 2);
  const depthMax = blockDepth(cout), imageBytes = cin * h * w << 2;
  writeTaps(block, tapTable, cin);
  writePixels(block, pixelTable);
  for (let g: usize = 0; g < groups; g++) {
    for (let c: usize = 0; c < cout; c += depthMax) {
      const depth = min<usize>(cout - c, depthMax);
      packRows(rows + g * perGroup + (c * roundUp4(taps) << 2), weight + ((g * cout + c) * taps << 2), 4, taps << 2, taps, depth);
    }
  }
  for (let image = imageStart; image < imageEnd; image++) {
    for (let g: usize = 0; g < groups; g++) {
      const dx = x + (image * groups + g) * imageBytes;
      const dy = y + ((image * groups + g) * cout * pixels << 2);
      const target = padded ? planes : dx;
      memory.fill(target, 0, padded ? padded : imageBytes);
      for (let p: usize = 0; p < pixels; p += WIDTH) {
        const some = min<usize>(pixels - p, WIDTH);
        for (let t: usize = 0; t < taps; t += TAPS) {
          const height = min<usize>(taps - t, TAPS);
          for (let c: usize = 0; c < cout; c += depthMax) {
            const depth = min<usize>(cout - c, depthMax);
            if (t == 0 || depthMax < cout) packColumns(columns, dy + (c * pixels + p << 2), pixels << 2, 4, depth, some);
            multiplyBlock(rows + g * perGroup + (c * roundUp4(taps) + t * depth << 2), columns, 0, depth, unfolded, some << 2, height, some, c > 0, tile);
          }
          if (cout) foldBack(unfolded, some << 2, target, tapTable + (t << 2), height, pixelTable + (p << 2), some);
        }
      }
      if (padded) copyPlanes(block, planes, dx, cin, true);
    }
  }
}

/**
 * w = the gradient with respect to the weights, given y's gradient in ySlot, for the input channels
 * [channelStart, channelEnd) of all Cin. Sums over images and pixels in order, whatever the range.
 */
export function conv2dWeightGrad(block: usize, channelStart: usize, channelEnd: usize): void {
  const images = load<usize>(block), h = load<usize>(block, 8), w = load<usize>(block, 12), groups = load<usize>(block, 60);
  const cin = load<usize>(block, 4) / groups, cout = load<usize>(block, 16) / groups;
  const window = load<usize>(block, 20) * load<usize>(block, 24), pixels = load<usize>(block, 28) * load<usize>(block, 32);
  const x = load<usize>(load<usize>(block, 64)), weight = load<usize>(load<usize>(block, 68)), y = load<usize>(load<usize>(block, 72));
  const tile = load<usize>(load<usize>(block, 76));
  const taps = cin * window;
  const tapTable = tile + TILE_BYTES, pixelTable = tapTable + (taps << 2), planes = pixelTable + (pixels << 2);
  const zeroed = planeBytes(block), rows = planes + zeroed, columns = rows + (roundUp4(cout) * MAX_DEPTH << 2);
  const depthMax = blockDepth(pixels);
  writeTaps(block, tapTable, cin);
  writePixels(block, pixelTable);
  memory.fill(planes, 0, zeroed);
  while (channelStart < channelEnd) {
    const g = channelStart / cin;
    const first = channelStart - g * cin;
    const channels = min<usize>(cin - first, channelEnd - channelStart);
    const from = first * window, some = channels * window;
    const out = weight + (g * cout * taps + from << 2);
    for (let r: usize = 0; r < cout && !(images && pixels); r++) memory.fill(out + (r * taps << 2), 0, some << 2);
    for (let image: usize = 0; image < images; image++) {
      let source = x + ((image * groups + g) * cin + first) * (h * w << 2);
      if (zeroed) {
        copyPlanes(block, planes, source, channels, false);
        source = planes;
      }
      const dy = y + ((image * groups + g) * cout * pixels << 2);
      for (let p: usize = 0; p < pixels; p += depthMax) {
        const depth = min<usize>(pixels - p, depthMax);
        packRows(rows, dy + (p << 2), pixels << 2, 4, cout, depth);
        for (let t: usize = 0; t < some; t += WIDTH) {
          const width = min<usize>(some - t, WIDTH);
          gatherPanels(columns, source, tapTable + (t << 2), width, pixelTable + (p << 2), depth);
          multiplyBlock(rows, columns, 0, depth, out + (t << 2), taps << 2, cout, width, image + p > 0, tile);
        }
      }
    }
    channelStart += channels;
  }
}
