import { between, bits, counts, real, signs } from "../draw.mjs";
import { elementwiseCases } from "../loss-row.mjs";

const errors = { p: real(2), t: real(2) };
const logits = { x: real(4), t: bits };
const scores = { s: real(2), y: signs };

export default {
  heading: "Loss and gradient of 1M elements",
  mark: 0.6,
  cases: elementwiseCases({
    meanSquaredError: { inputs: errors, pytorch: "F.mse_loss(p, t)" },
    meanAbsoluteError: { inputs: errors, pytorch: "F.l1_loss(p, t)" },
    huber: { inputs: errors, pytorch: "F.huber_loss(p, t)" },
    smoothL1: { inputs: errors, pytorch: "F.smooth_l1_loss(p, t)" },
    logCosh: { inputs: errors, pytorch: "((e := p - t) + F.softplus(-2 * e)).mean() - math.log(2)" },
    pinball: {
      inputs: errors,
      options: { quantile: 0.9 },
      pytorch: "(0.9 * (e := t - p) + F.relu(-e)).mean()",
    },
    expectile: {
      inputs: errors,
      options: { expectile: 0.9 },
      pytorch: "F.leaky_relu(t - p, 1 / 3).square().mean() * 0.9",
    },
    meanSquaredLogError: {
      inputs: { p: between(-0.5, 4), t: between(-0.5, 4) },
      pytorch: "F.mse_loss(p.log1p(), t.log1p())",
    },
    meanAbsolutePercentageError: {
      inputs: { p: real(2), t: between(1, 3) },
      pytorch: "((p - t) / t.clamp_min(1e-7)).abs().mean() * 100",
    },
    symmetricMeanAbsolutePercentageError: {
      inputs: { p: real(2), t: between(1, 3) },
      pytorch: "((p - t).abs() / (p.abs() + t.abs()).clamp_min(1e-7)).mean() * 200",
    },
    charbonnier: { inputs: errors, pytorch: "((p - t).square() + 1).sqrt().mean() - 1" },
    cauchy: { inputs: errors, pytorch: "torch.log1p(0.5 * (p - t).square()).mean()" },
    welsch: { inputs: errors, pytorch: "1 - torch.exp(-0.5 * (p - t).square()).mean()" },
    gemanMcClure: { inputs: errors, pytorch: "2 - 8 * ((p - t).square() + 4).reciprocal().mean()" },
    wing: {
      inputs: { p: real(10), t: real(10) },
      pytorch: "((e := (p - t).abs()) + 10 * torch.log1p((c := e.clamp_max(10)) / 2) - c).mean()",
    },

    poissonNll: { inputs: { p: real(2), t: counts(5) }, pytorch: "F.poisson_nll_loss(p, t)" },
    gaussianNll: {
      inputs: { m: real(2), t: real(2), v: between(0.5, 2) },
      learned: ["m", "v"],
      pytorch: "F.gaussian_nll_loss(m, t, v)",
    },
    laplaceNll: {
      inputs: { m: real(2), t: real(2), b: between(0.5, 2) },
      learned: ["m", "b"],
      pytorch: "((m - t).abs() / b + b.log()).mean() + math.log(2)",
    },
    studentTNll: {
      inputs: { m: real(2), t: real(2), s: between(0.5, 2), nu: between(1, 5) },
      learned: ["m", "s", "nu"],
      pytorch: "losses.student_t_nll(m, t, s, nu)",
    },
    negativeBinomialNll: {
      inputs: { m: between(0.5, 4), t: counts(5), r: between(1, 5) },
      learned: ["m", "r"],
      pytorch: "losses.negative_binomial_nll(m, t, r)",
    },
    tweedie: {
      inputs: { p: real(2), t: counts(5) },
      pytorch: "(torch.exp(0.5 * p) + t * torch.exp(-0.5 * p)).mean() * 2",
    },
    crps: {
      inputs: { m: real(2), t: real(2), s: between(0.5, 2) },
      learned: ["m", "s"],
      pytorch: "losses.crps(m, t, s)",
    },

    binaryCrossEntropy: { inputs: { p: between(0.01, 0.99), t: bits }, pytorch: "F.binary_cross_entropy(p, t)" },
    binaryCrossEntropyWithLogits: { inputs: logits, pytorch: "F.binary_cross_entropy_with_logits(x, t)" },
    focal: { inputs: logits, pytorch: "losses.focal(x, t)" },
    asymmetricLoss: { inputs: logits, pytorch: "losses.asymmetric(x, t)" },
    hinge: { inputs: scores, pytorch: "F.relu(1 - y * s).mean()" },
    squaredHinge: { inputs: scores, pytorch: "F.relu(1 - y * s).square().mean()" },
    softMargin: { inputs: scores, pytorch: "F.soft_margin_loss(s, y)" },
    hingeEmbedding: { inputs: { d: between(0, 2), y: signs }, pytorch: "F.hinge_embedding_loss(d, y)" },
    klDivergence: {
      inputs: { x: between(-5, -0.1), q: between(0.01, 0.99) },
      options: { reduction: "mean" },
      pytorch: "F.kl_div(x, q)",
    },

    marginRanking: {
      inputs: { a: real(2), b: real(2), y: signs },
      learned: ["a", "b"],
      options: { margin: 0.5 },
      pytorch: "F.margin_ranking_loss(a, b, y, margin=0.5)",
    },
  }),
};
