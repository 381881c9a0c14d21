import type { Tensor } from "@downhill/tensor";
import {
  arange,
  argsort,
  avgPool2d,
  axisIndex,
  bernoulliMask,
  concat,
  conv2d,
  cumsum,
  evaluateSync,
  eye,
  full,
  gather,
  grad,
  inRange,
  integer,
  linspace,
  manualSeed,
  maxPool2d,
  noGrad,
  norm,
  number,
  oneHot,
  ones,
  pad,
  parameter,
  permutation,
  pick,
  rand,
  randint,
  sameShape,
  scatterAdd,
  setRandomState,
  sort,
  stack,
  state,
  std,
  take,
  tensor,
  topK,
  useEngine,
  valueAndGrad,
  variance,
  where,
  zeros,
} from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { onEveryEngine } from "./support.js";

/** What is thrown, word for word, and by what. */
type Table = Readonly<Record<string, () => unknown>>;
// What a user of plain JavaScript can pass.
const any = (value: unknown): never => value as never;
const int = (values: number[]): Tensor => tensor(Int32Array.from(values));
const x23 = (): Tensor => zeros([2, 3]);
const image = (): Tensor => zeros([1, 2, 4, 4]);

const rangeErrors: Table = {
  // Data
  'tensor: "data" expected rows of length 3 like the first, got length 2 at [1]: the rows are ragged': () =>
    tensor([
      [1, 2, 3],
      [4, 5],
    ]),
  'tensor: "data" expected rows of length 1 like the first, got length 2 at [1][1]: the rows are ragged': () =>
    tensor([
      [[1], [2]],
      [[3], [4, 5]],
    ]),
  'tensor: "data" expected an array of length 2 at [1], got 3: the rows are ragged': () => tensor([[1, 2], 3]),
  'tensor: "data" expected a number at [1] like the entries before it, got an array: the rows are ragged': () =>
    tensor([1, [2, 3]]),
  'tensor: "data" expected rows of length 1 like the first, got length 0 at [1]: the rows are ragged': () =>
    tensor([[1], []]),
  'add: "data" expected rows of length 2 like the first, got length 1 at [1]: the rows are ragged': () =>
    tensor([1]).add(any([[1, 2], [3]])),
  'tensor: "data" expected rows of length 2 like the first, got length 3 at [1]: the rows are ragged': () =>
    tensor(any([new Float32Array(2), new Float32Array(3)])),
  'tensor: "shape" expected 3 elements like "data", got [2, 2] with 4': () => tensor([1, 2, 3], { shape: [2, 2] }),
  'tensor: "shape" expected integers of at least 0, got -1': () => tensor([1], { shape: [-1] }),
  'zeros: "shape" expected integers of at least 0, got 1.5': () => zeros([1.5]),
  'ones: "shape" expected integers of at least 0, got NaN': () => ones([NaN]),
  'zeros: "shape" expected at most 2^30 elements, got [65536, 65536] with 4294967296': () => zeros([65536, 65536]),
  'tensor: "data" expected int32 values, got 1.5 at position 1; round it first, or use dtype "float32"': () =>
    tensor([1, 1.5], { dtype: "int32" }),
  'tensor: "data" expected int32 values, got NaN at position 0; round it first, or use dtype "float32"': () =>
    tensor([NaN], { dtype: "int32" }),
  'tensor: "data" expected int32 values, got 2147483648 at position 0; round it first, or use dtype "float32"': () =>
    tensor(2147483648, { dtype: "int32" }),
  'tensor: "dtype" expected "float32", "int32" or "bool", got "float64"': () => tensor([1], { dtype: any("float64") }),
  'zeros: "dtype" expected "float32", "int32" or "bool", got "int64"': () => zeros([1], { dtype: any("int64") }),
  'parameter: "dtype" expected "float32", got "int32"; only float32 can be trained, use state() for other values': () =>
    parameter([1], { dtype: "int32" }),
  'parameter: "data" expected rows of length 1 like the first, got length 2 at [1]: the rows are ragged': () =>
    parameter([[1], [2, 3]]),
  'full: "value" expected an int32 value, got 1.5': () => full([1], 1.5, { dtype: "int32" }),
  'eye: "shape" expected integers of at least 0, got 1.5': () => eye(1.5),
  'arange: "stop" expected a finite number, got Infinity': () => arange(Infinity),
  'arange: "start" expected a finite number, got NaN': () => arange(NaN, 1),
  'arange: "step" expected a number other than 0, got 0': () => arange(0, 1, 0),
  'arange: "stop" expected a range within int32, got numbers from 2147483647 to 2147483648': () =>
    arange(2147483647, 2147483649),
  'linspace: "count" expected an integer from 1 to 1073741824, got 0': () => linspace(0, 1, 0),
  'linspace: "stop" expected a finite number, got NaN': () => linspace(0, NaN, 2),
  // Reading
  'item: "tensor" expected one element, got shape [2, 3]; use data() or array()': () => x23().itemSync(),
  'item: "tensor" expected one element, got shape [0]; use data() or array()': () => zeros([0]).itemSync(),
  // Arithmetic
  'add: "other" expected a shape that broadcasts with [2, 3], got [2]; extents must be equal or 1, compared from the last axis':
    () => x23().add(zeros([2])),
  'less: "other" expected a shape that broadcasts with [3], got [4]; extents must be equal or 1, compared from the last axis':
    () => zeros([3]).less(zeros([4])),
  'mul: "other" expected a shape that broadcasts with [0], got [2]; extents must be equal or 1, compared from the last axis':
    () => zeros([0]).mul(zeros([2])),
  "where: expected shapes that broadcast together, got condition [2], [3] and []": () =>
    where(zeros([2]), zeros([3]), 1),
  'clip: "high" expected a number of at least "low" 1, got 0': () => x23().clip(1, 0),
  'clip: "low" expected a finite number, got NaN': () => x23().clip(NaN, 0),
  'cast: "dtype" expected "float32", "int32" or "bool", got "float16"': () => x23().cast(any("float16")),
  // Axes
  'sum: "axis" expected an integer from -2 to 1, got 2': () => x23().sum({ axis: 2 }),
  'mean: "axis" expected an integer from -2 to 1, got -3': () => x23().mean({ axis: -3 }),
  'max: "axis" expected an integer, got 0.5': () => x23().max({ axis: 0.5 }),
  'sum: "axis" expected different axes, got [0, 0]': () => x23().sum({ axis: [0, -2] }),
  'sum: "axis" expected no axis for a scalar, got 0': () => tensor(1).sum({ axis: 0 }),
  'max: "axis" expected an axis with elements, got axis 1 of shape [2, 0]': () => zeros([2, 0]).max({ axis: 1 }),
  'min: "axis" expected an axis with elements, got axis 0 of shape [0]': () => zeros([0]).min(),
  'argmax: "axis" expected an axis with elements, got axis 0 of shape [0, 2]': () => zeros([0, 2]).argmax({ axis: 0 }),
  'argmin: "axis" expected an axis with elements, got axis 0 of shape [0]': () => zeros([0]).argmin(),
  'softmax: "axis" expected no axis for a scalar, got -1': () => tensor(1).softmax(),
  'softmax: "axis" expected an integer from -2 to 1, got 5': () => x23().softmax(5),
  'logSoftmax: "axis" expected an integer from -2 to 1, got 5': () => x23().logSoftmax(5),
  'logSumExp: "axis" expected an integer from -2 to 1, got 5': () => x23().logSumExp({ axis: 5 }),
  'variance: "x" expected more than 1 elements to average over, got shape [1]; a smaller correction allows fewer': () =>
    variance([1]),
  'std: "x" expected more than 0 elements to average over, got shape [0]; a smaller correction allows fewer': () =>
    std(zeros([0]), { correction: 0 }),
  'variance: "correction" expected a finite number of at least 0, got -1': () => variance([1, 2], { correction: -1 }),
  // Shapes
  'reshape: "shape" expected 6 elements like [2, 3], got [4]': () => x23().reshape([4]),
  'reshape: "shape" expected 6 elements like [2, 3], got [-1, 4]': () => x23().reshape([-1, 4]),
  'reshape: "shape" expected integers of at least 0, got -1': () => x23().reshape([-1, -1]),
  'transpose: "order" expected each of the 2 axes once, got [0]': () => x23().transpose([0]),
  'transpose: "order" expected each of the 2 axes once, got [0,0]': () => x23().transpose([0, 0]),
  'transpose: "axis" expected an integer from -2 to 1, got 2': () => x23().transpose([0, 2]),
  'squeeze: "axis" expected an axis of extent 1, got 0 of shape [2, 3]': () => x23().squeeze(0),
  'unsqueeze: "axis" expected an integer from -3 to 2, got 3': () => x23().unsqueeze(3),
  'flatten: "axis" expected an integer from -2 to 1, got 2': () => x23().flatten(2),
  'expand: "shape" expected a shape that [2, 3] broadcasts to, got [1, 3]': () => x23().expand([1, 3]),
  'expand: "shape" expected a shape that [2, 3] broadcasts to, got [3, 2]': () => x23().expand([3, 2]),
  'slice: "ends" expected a bound from -2 to 2 on axis 0, got 3': () => x23().slice([0, 0], [3, 3]),
  'slice: "starts" expected a bound from -3 to 3 on axis 1, got -4': () => x23().slice([0, -4]),
  'slice: "ends" expected a bound of at least the start 1 on axis 0, got 0': () => x23().slice([1], [0]),
  'slice: "starts" and "ends" expected at most 2 bounds for shape [2, 3], got 3 and 0': () => x23().slice([0, 0, 0]),
  'slice: "starts" expected an integer, got 0.5': () => x23().slice([0.5]),
  'pad: "amounts" expected one pair per axis of [2, 3], got 1': () => pad(x23(), [[1, 1]]),
  'pad: "amounts" expected an integer of at least 0, got -1': () => pad(tensor([1]), [[-1, 0]]),
  'concat: "tensors" expected at least one tensor, got none': () => concat([]),
  'concat: "tensors" expected shapes like [2, 3] but for axis 0, got [2, 2] at position 1': () =>
    concat([x23(), zeros([2, 2])]),
  'concat: "axis" expected no axis for a scalar, got 0': () => concat([tensor(1), tensor(2)]),
  'stack: "tensors" expected at least one tensor, got none': () => stack([]),
  'stack: "tensors" expected shapes like [2], got [3] at position 1': () => stack([zeros([2]), zeros([3])]),
  // Products
  'matmul: "other" expected 3 rows to match shape [2, 3], got shape [2, 3]; its second last axis has 2': () =>
    x23().matmul(x23()),
  'matmul: "other" expected 2 rows to match shape [2], got shape [3]; its second last axis has 3': () =>
    zeros([2]).matmul(zeros([3])),
  'matmul: "other" expected leading axes that broadcast with [2, 2, 3], got [3, 3, 2]': () =>
    zeros([2, 2, 3]).matmul(zeros([3, 3, 2])),
  'matmul: "other" expected tensors with at least one axis, got a scalar; use mul()': () => x23().matmul(2),
  'conv2d: "x" expected 4 axes, got shape [2, 4, 4]; a single image needs unsqueeze(0)': () =>
    conv2d(zeros([2, 4, 4]), zeros([1, 2, 2, 2])),
  'conv2d: "weight" expected 2 channels per group for "x" [1, 2, 4, 4] and 1 groups, got shape [1, 3, 2, 2]': () =>
    conv2d(image(), zeros([1, 3, 2, 2])),
  'conv2d: "weight" expected a window of at most 4 (with padding), got 5': () => conv2d(image(), zeros([1, 2, 5, 5])),
  'conv2d: "stride" expected an integer of at least 1, got 0': () =>
    conv2d(image(), zeros([1, 2, 2, 2]), { stride: 0 }),
  'conv2d: "padding" expected an integer of at least 0, got -1': () =>
    conv2d(image(), zeros([1, 2, 2, 2]), { padding: [0, -1] }),
  'conv2d: "groups" expected an integer of at least 1, got 0': () =>
    conv2d(image(), zeros([1, 2, 2, 2]), { groups: 0 }),
  'conv2d: "groups" expected a divisor of the 3 filters, got 2': () =>
    conv2d(image(), zeros([3, 1, 2, 2]), { groups: 2 }),
  'maxPool2d: "size" expected a window of at most 4 (with padding), got 5': () => maxPool2d(image(), { size: 5 }),
  'maxPool2d: "padding" expected at most half of the size [2,2], got [2,2]': () =>
    maxPool2d(image(), { size: 2, padding: 2 }),
  // Indices
  'take: "indices" expected integers from 0 to 2, got 3 at position 1': () => take([1, 2, 3], [0, 3]),
  'take: "indices" expected integers from 0 to 2, got -1 at position 0': () => take([1, 2, 3], [-1]),
  'take: "indices" expected integers from 0 to 2, got 0.5 at position 0': () => take([1, 2, 3], [0.5]),
  'take: "indices" expected integers from 0 to 2, got NaN at position 0': () => take([1, 2, 3], [NaN]),
  'take: "axis" expected no axis for a scalar, got 0': () => take(5, [0]),
  'take: "indices" expected integers from 0 to -1, got 0 at position 0': () => take(zeros([0]), [0]),
  'gather: "indices" expected the shape of "x" [2, 3] but for axis 1, got [3, 1]': () =>
    gather(x23(), [[0], [0], [0]], 1),
  'gather: "indices" expected integers from 0 to 2, got 3 at position 1': () => gather(x23(), [[0], [3]], 1),
  'scatterAdd: "indices" expected the shape of "x" [2], got [1]': () => scatterAdd([1, 2], [0], 0, 3),
  'scatterAdd: "indices" expected integers from 0 to 2, got 3 at position 1': () => scatterAdd([1, 2], [0, 3], 0, 3),
  'pick: "indices" expected shape [2] (that of "x" without the last axis), got [1, 2]': () => pick(x23(), [[0, 1]]),
  'pick: "indices" expected integers from 0 to 2, got 3 at position 1': () => pick(x23(), [0, 3]),
  'pick: "x" expected at least one axis, got a scalar': () => pick(5, 0),
  'oneHot: "labels" expected integers from 0 to 2, got 7 at position 1': () => oneHot([0, 7], 3),
  'oneHot: "labels" expected integers from 0 to 2, got -1 at position 0': () => oneHot(-1, 3),
  'oneHot: "classes" expected an integer from 1 to 1073741824, got 0': () => oneHot([0], 0),
  'sort: "axis" expected no axis for a scalar, got -1': () => sort(5),
  'topK: "k" expected an integer from 0 to 2, got 3': () => topK([1, 2], 3),
  'cumsum: "axis" expected an integer from -1 to 0, got 1': () => cumsum([1], { axis: 1 }),
  // Differentiation
  'backward: "loss" expected a float32 scalar, got float32 of shape [1, 2]; reduce it with .mean() or .sum() first':
    () =>
      parameter([[1, 2]])
        .mul(2)
        .backward(),
  'backward: "loss" expected a float32 scalar, got int32 of shape []; reduce it with .mean() or .sum() first': () =>
    parameter([1]).cast("int32").sum().backward(),
  'grad: "f" expected a function to one float32 number, got float32 of shape [2]; end it with .mean() or .sum()': () =>
    grad((x: Tensor) => x)(tensor([1, 2])),
  'valueAndGrad: argument 0 expected float32, got int32; use cast("float32")': () =>
    valueAndGrad((x: Tensor) => x.sum())(int([1])),
  'grad: "argnums" expected an integer from 0 to 0, got 1': () =>
    grad((x: Tensor) => x.sum(), { argnums: 1 })(tensor([1])),
  // Parameters
  'assign: "value" expected the shape of "weight" [2], got [1]': () =>
    parameter([1, 2], { name: "weight" }).assign([1]),
  // Random numbers
  'manualSeed: "value" expected an integer of at least 0, got 1.5': () => manualSeed(1.5),
  'manualSeed: "value" expected an integer of at least 0, got -1': () => manualSeed(-1),
  'setRandomState: "draws" expected an integer of at least 0, got NaN': () => setRandomState({ seed: 1, draws: NaN }),
  'rand: "shape" expected integers of at least 0, got -1': () => rand([-1]),
  'randint: "high" expected an integer from 4 to 16777219, got 3': () => randint(3, 3, [1]),
  'bernoulliMask: "p" expected a number in [0, 1], got 1.5': () => bernoulliMask([1], 1.5),
  'bernoulliMask: "p" expected a number in [0, 1], got NaN': () => bernoulliMask([1], NaN),
  'permutation: "count" expected an integer from 0 to 1073741824, got -1': () => permutation(-1),
  // Checks for other packages
  'mse: "target" expected the shape of "prediction" [3], got [4]': () =>
    sameShape("mse", { prediction: zeros([3]), target: zeros([4]) }),
  'mse: "target" expected the shape of "prediction" [4, 1], got [4]; drop the last axis of "prediction" with .squeeze(-1)':
    () => sameShape("mse", { prediction: zeros([4, 1]), target: zeros([4]) }),
  'mse: "target" expected the shape of "prediction" [4], got [4, 1]; drop the last axis of "target" with .squeeze(-1)':
    () => sameShape("mse", { prediction: zeros([4]), target: zeros([4, 1]) }),
  'huber: "delta" expected a finite number above 0, got 0': () => inRange("huber", "delta", 0, 0, Infinity, "low"),
  'f: "q" expected a number in (0, 1), got 1': () => inRange("f", "q", 1, 0, 1, "both"),
  'f: "k" expected an integer from 1 to 3, got 1.5': () => integer("f", "k", 1.5, 1, 3),
  'f: "axis" expected an integer from -2 to 1, got 3': () => axisIndex("f", 3, 2),
  'useEngine: "name" expected "cpu" or "reference", got "gpu"': () => useEngine(any("gpu")),
};

const typeErrors: Table = {
  'sum: "options" expected an object like { axis: 0 }, got 0': () => x23().sum(any(0)),
  'mean: "options" expected an object like { axis: 0 }, got an array of length 1': () => x23().mean(any([0])),
  'argmax: "options" expected an object like { axis: 0 }, got 1': () => x23().argmax(any(1)),
  'all: "options" expected an object like { axis: 0 }, got null': () => x23().all(any(null)),
  'norm: "options" expected an object like { axis: 0 }, got 1': () => norm(x23(), any(1)),
  'variance: "options" expected an object like { axis: 0 }, got 0': () => variance(x23(), any(0)),
  'transpose: "order" expected an array of axes, got 1': () => x23().transpose(any(1)),
  // Data
  'tensor: "data" expected a number, nested arrays or a typed array, got "1"': () => tensor(any("1")),
  'tensor: "data" expected a number at [0][1], got "2"': () => tensor(any([[1, "2"]])),
  'tensor: "data" expected a number at [1], got undefined': () => tensor(any([1, undefined])),
  'tensor: "data" expected a number at [0], got null': () => tensor(any([null])),
  'tensor: "data" expected a number at [0], got a Object': () => tensor(any([{}])),
  'tensor: "data" expected a number, nested arrays or a typed array, got null': () => tensor(any(null)),
  'tensor: "data" expected a number, nested arrays or a typed array, got undefined': () => tensor(any(undefined)),
  'tensor: "data" expected a number, nested arrays or a typed array, got a function': () => tensor(any(() => 1)),
  'tensor: "data" expected a number, nested arrays or a typed array, got a Map': () => tensor(any(new Map())),
  'tensor: "data" expected a number, nested arrays or a typed array, got a DataView': () =>
    tensor(any(new DataView(new ArrayBuffer(4)))),
  'tensor: "data" expected a number, nested arrays or a typed array, got a ArrayBuffer': () =>
    tensor(any(new ArrayBuffer(4))),
  'tensor: "data" expected a number, nested arrays or a typed array, got 5': () => tensor(any(5n)),
  'tensor: "data" expected numbers, got a BigInt64Array; convert it with Int32Array.from(data, Number)': () =>
    tensor(any(new BigInt64Array(2))),
  'tensor: "data" expected a number, nested arrays or a typed array, got a Promise': () =>
    tensor(any(Promise.resolve(1))),
  'zeros: "shape" expected integers, got "2"': () => zeros(any(["2"])),
  'zeros: "shape" expected an array of integers, got 2': () => zeros(any(2)),
  'full: "value" expected a number, got "1"': () => full([1], any("1")),
  'number: "value" expected a number, got "1"': () => number(any("1")),
  // Arithmetic
  'mul: "other" expected a tensor, a number or arrays of numbers, got "2"': () => x23().mul(any("2")),
  'add: "other" expected a tensor, a number or arrays of numbers, got undefined': () => x23().add(any(undefined)),
  'equal: "other" expected a tensor, a number or arrays of numbers, got null': () => x23().equal(any(null)),
  'add: "other" expected a Tensor of this copy of @downhill/tensor, got one of another copy; make sure that only one version is installed':
    () => x23().add(any({ node: {}, shape: [2] })),
  'clip: "high" expected a number, got "1"': () => x23().clip(0, any("1")),
  'clip: "high" expected a number, got undefined': () => x23().clip(0, any(undefined)),
  // Axes
  'min: "axis" expected an integer or an array of integers, got "0"': () => x23().min({ axis: any("0") }),
  // Shapes
  'reshape: "shape" expected an array of integers, got 6': () => x23().reshape(any(6)),
  'slice: "starts" expected an array of integers, got 1': () => x23().slice(any(1)),
  'concat: "tensors" expected an array of tensors, got a Tensor': () => concat(any(x23())),
  // Products
  'maxPool2d: "options" expected an object with a size, got undefined': () => maxPool2d(image(), any(undefined)),
  'avgPool2d: "size" expected an integer or a pair of integers, got undefined': () => avgPool2d(image(), any({})),
  // Indices
  'take: "indices" expected int32, got bool; use cast("int32")': () => take([1, 2, 3], [true]),
  'take: "indices" expected int32, got float32; use cast("int32")': () => take([1, 2], tensor([0]).mul(1)),
  'argsort: "descending" expected a boolean, got "yes"': () => argsort([1], { descending: any("yes") }),
  'topK: "k" expected an integer, got "1"': () => topK([1, 2], any("1")),
  // Differentiation
  'grad: "f" expected a function that returns a tensor, got 5': () => grad(any(() => 5))(tensor([1])),
  'grad: "f" expected a function that returns a tensor, got a Promise': () =>
    grad(any(async (x: Tensor) => x.sum()))(tensor([1])),
  "grad: argument 0 expected a tensor, got 5": () => grad(any((x: Tensor) => x))(any(5)),
  'noGrad: "f" expected a function that returns at once, got one that returns a promise; await outside, or use detach()':
    () => noGrad(async () => 5),
  "grad: expected null, got a Tensor; gradients come from backward()": () => {
    parameter([1]).grad = any(tensor([1]));
  },
  'evaluate: "tensors" expected tensors, got 5': () => evaluateSync(any(5)),
  // Parameters
  'assign: "value" expected the dtype of "weight" float32, got int32; use cast()': () =>
    parameter([1], { name: "weight" }).assign(int([1])),
  'assign: "value" expected a tensor, a number or arrays of numbers, got undefined': () =>
    parameter([1]).assign(any(undefined)),
  // Random numbers
  'manualSeed: "value" expected an integer, got "1"': () => manualSeed(any("1")),
};

const otherErrors: Table = {
  // Differentiation
  "backward: the tensor depends on no parameter; build it from a parameter (or tensor(..., { requiresGrad: true })), outside noGrad() and without detach()":
    () => tensor([1]).sum().backward(),
};

onEveryEngine(() => {
  describe.each([
    ["RangeError", RangeError, rangeErrors],
    ["TypeError", TypeError, typeErrors],
    ["Error", Error, otherErrors],
  ] as const)("%s", (_name, kind, table) => {
    test.each(Object.entries(table))("%s", (text, f) => {
      let thrown: unknown = null;
      try {
        f();
      } catch (error) {
        thrown = error;
      }
      expect(thrown, "nothing was thrown").toBeInstanceOf(Error);
      expect((thrown as Error).message).toBe(text);
      expect(Object.getPrototypeOf(thrown)).toBe(kind.prototype);
      // At the caller's line: the call is still on the stack.
      expect((thrown as Error).stack).toContain("errors.test.ts");
    });
  });

  test("the same in another place", () => {
    expect(() => tensor([1], { dtype: "int32", requiresGrad: true })).toThrow('parameter: "dtype" expected "float32"');
    expect(() => state([1]).sum().backward()).toThrow("backward: the tensor depends on no parameter");
  });
});
