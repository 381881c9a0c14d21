import * as losses from "@downhill/losses";
import { manualSeed, tensor } from "@downhill/tensor";
import { close } from "@downhill/testing";
import { describe, expect, test } from "vitest";

describe("neuralNdcg with noise", () => {
  const s = [[0.5, 2, 1, -1]];
  const y = [[0, 2, 1, 3]];
  const noisy = { stochastic: true, iterations: 5 } as const;
  test("the seed fixes it", () => {
    const once = (seed: number): number => {
      manualSeed(seed);
      return losses.neuralNdcg(tensor(s), y, noisy).itemSync();
    };
    expect(once(3)).toBe(once(3));
    expect(once(3)).not.toBe(once(4));
  });
  test("without noise it is the plain loss; one draw of huge noise is another order", () => {
    const plain = losses.neuralNdcg(tensor(s), y, { iterations: 5 }).itemSync();
    close(losses.neuralNdcg(tensor(s), y, { ...noisy, beta: 0, samples: 3 }).itemSync(), plain, { relative: 1e-5 });
    manualSeed(1);
    const wild = losses.neuralNdcg(tensor(s), y, { ...noisy, beta: 1e3, samples: 400 }).itemSync();
    // Every order is as likely as any other: the mean of NDCG over all of them.
    const discount = [1, 2, 3, 4].map((rank) => 1 / Math.log2(1 + rank));
    const sum = discount.reduce((total, each) => total + each, 0);
    const best = 7 + 3 * (discount[1] as number) + (discount[2] as number);
    close(wild, (-11 * sum) / 4 / best, { relative: 0.05 });
  });
  test("lists with a mask keep their own draws", () => {
    manualSeed(2);
    const masked = losses.neuralNdcg(tensor([[...(s[0] as number[]), 5]]), [[0, 2, 1, 3, 0]], {
      ...noisy,
      beta: 0,
      mask: [[1, 1, 1, 1, 0]],
    });
    close(masked.itemSync(), losses.neuralNdcg(tensor(s), y, { iterations: 5 }).itemSync(), { relative: 1e-5 });
  });
});
