// 2-d pooling over planes (N * C of them), float32.
//
// Pool block, u32 words:
//   0 planes  1 H  2 W  3 kh  4 kw  5 OH  6 OW  7 strideH  8 strideW  9 padH  10 padW  11 xSlot [planes, H, W]
//   12 ySlot [planes, OH, OW]
// Slots are addresses of u32 cells that hold base pointers.

// Elements p[0], p[step], p[2 step], p[3 step].
@inline
function load4(p: usize, step: usize): v128 {
  if (step == 4) return v128.load(p);
  if (step == 8) return v128.shuffle<i32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
  const pair = v128.load32_lane(p + step, v128.load32_zero(p), 1);
  return v128.load32_lane(p + 3 * step, v128.load32_lane(p + 2 * step, pair, 2), 3);
}

// Index of the maximum of the window whose corner is (top, left), clipped to the plane.
function maxIndex(plane: usize, h: i32, w: i32, top: i32, left: i32, kh: i32, kw: i32): i32 {
  const bottom = min(top + kh, h), right = min(left + kw, w);
  top = min(max(top, 0), h - 1);
  left = min(max(left, 0), w - 1);
  let at = top * w + left;
  let best = load<f32>(plane + (at << 2));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const value = load<f32>(plane + (y * w + x << 2));
      if (value > best || (value != value && best == best)) {
        best = value;
        at = y * w + x;
      }
    }
  }
  return at;
}

/**
 * y (int32) = flat index into x of each window's maximum, for the planes [planeStart, planeEnd). The first maximum
 * wins, the first NaN wins over everything, padding never wins.
 */
export function maxPoolIndex2d(block: usize, planeStart: usize, planeEnd: usize): void {
  const h = load<i32>(block, 4), w = load<i32>(block, 8), kh = load<i32>(block, 12), kw = load<i32>(block, 16);
  const oh = load<i32>(block, 20), ow = load<i32>(block, 24);
  const stepY = load<i32>(block, 28), stepX = load<i32>(block, 32), padH = load<i32>(block, 36), padW = load<i32>(block, 40);
  const x = load<usize>(load<usize>(block, 44));
  let y = load<usize>(load<usize>(block, 48)) + (planeStart * oh * ow << 2);
  const lanes = i32x4.mul(i32x4.splat(stepX), i32x4(0, 1, 2, 3));
  for (let p = planeStart; p < planeEnd; p++) {
    const offset = <i32>p * h * w;
    const plane = x + (offset << 2);
    for (let r = 0; r < oh; r++) {
      const top = r * stepY - padH;
      const inside = top >= 0 && top + kh <= h;
      for (let c = 0; c < ow; ) {
        // Four windows at once, one per lane; the last four of a row may repeat some.
        const c4 = min(c, ow - 4), left = c4 * stepX - padW;
        if (inside && c4 >= 0 && left >= 0 && left + 3 * stepX + kw <= w) {
          let row = plane + (top * w + left << 2);
          let best = load4(row, stepX << 2), bestAt = i32x4.splat(0);
          for (let dy = 0; dy < kh; dy++) {
            for (let dx = 0; dx < kw; dx++) {
              const value = load4(row + (dx << 2), stepX << 2);
              const wins = v128.andnot(f32x4.eq(best, best), f32x4.le(value, best));
              best = v128.bitselect(value, best, wins);
              bestAt = v128.bitselect(i32x4.splat(dy * w + dx), bestAt, wins);
            }
            row += w << 2;
          }
          v128.store(y + (c4 << 2), i32x4.add(bestAt, i32x4.add(i32x4.splat(offset + top * w + left), lanes)));
          c = c4 + 4;
        } else {
          store<i32>(y + (c << 2), offset + maxIndex(plane, h, w, top, c * stepX - padW, kh, kw));
          c++;
        }
      }
      y += ow << 2;
    }
  }
}

/** y = window means of x, padding counted as zeros (the divisor is always kh * kw), for the planes [planeStart, planeEnd). */
export function avgPool2d(block: usize, planeStart: usize, planeEnd: usize): void {
  const h = load<i32>(block, 4), w = load<i32>(block, 8), kh = load<i32>(block, 12), kw = load<i32>(block, 16);
  const oh = load<i32>(block, 20), ow = load<i32>(block, 24);
  const stepY = load<i32>(block, 28), stepX = load<i32>(block, 32), padH = load<i32>(block, 36), padW = load<i32>(block, 40);
  const x = load<usize>(load<usize>(block, 44));
  let y = load<usize>(load<usize>(block, 48)) + (planeStart * oh * ow << 2);
  const area = <f32>(kh * kw);
  for (let p = planeStart; p < planeEnd; p++) {
    const plane = x + (p * h * w << 2);
    for (let r = 0; r < oh; r++) {
      const top = max(r * stepY - padH, 0), bottom = min(r * stepY - padH + kh, h);
      for (let c = 0; c < ow; ) {
        const c4 = min(c, ow - 4), left = c4 * stepX - padW;
        if (c4 >= 0 && left >= 0 && left + 3 * stepX + kw <= w) {
          let sum = f32x4.splat(0);
          for (let i = top; i < bottom; i++) {
            const row = plane + (i * w + left << 2);
            for (let dx = 0; dx < kw; dx++) sum = f32x4.add(sum, load4(row + (dx << 2), stepX << 2));
          }
          v128.store(y + (c4 << 2), f32x4.div(sum, f32x4.splat(area)));
          c = c4 + 4;
        } else {
          const first = c * stepX - padW, right = min(first + kw, w);
          let sum: f32 = 0;
          for (let i = top; i < bottom; i++) {
            for (let j = max(first, 0); j < right; j++) sum += load<f32>(plane + (i * w + j << 2));
          }
          store<f32>(y + (c << 2), sum / area);
          c++;
        }
      }
      y += ow << 2;
    }
  }
}

/** x = the gradient of avgPool2d with respect to its input, given y's gradient in ySlot, for the planes [planeStart, planeEnd). */
export function avgPool2dGrad(block: usize, planeStart: usize, planeEnd: usize): void {
  const h = load<i32>(block, 4), w = load<i32>(block, 8), kh = load<i32>(block, 12), kw = load<i32>(block, 16);
  const oh = load<i32>(block, 20), ow = load<i32>(block, 24);
  const stepY = load<i32>(block, 28), stepX = load<i32>(block, 32), padH = load<i32>(block, 36), padW = load<i32>(block, 40);
  const x = load<usize>(load<usize>(block, 44));
  let y = load<usize>(load<usize>(block, 48)) + (planeStart * oh * ow << 2);
  const area = <f32>(kh * kw);
  memory.fill(x + (planeStart * h * w << 2), 0, (planeEnd - planeStart) * h * w << 2);
  for (let p = planeStart; p < planeEnd; p++) {
    const plane = x + (p * h * w << 2);
    for (let r = 0; r < oh; r++) {
      const top = max(r * stepY - padH, 0), bottom = min(r * stepY - padH + kh, h);
      for (let c = 0; c < ow; c++) {
        const left = max(c * stepX - padW, 0), right = min(c * stepX - padW + kw, w);
        const share = load<f32>(y) / area;
        y += 4;
        for (let i = top; i < bottom; i++) {
          for (let j = left; j < right; j++) {
            const at = plane + (i * w + j << 2);
            store<f32>(at, load<f32>(at) + share);
          }
        }
      }
    }
  }
}
