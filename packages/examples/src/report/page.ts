/** The parts of the report, as HTML but for `data` (JSON), `style` (CSS) and `script`. */
export interface PageParts {
  readonly accuracy: string;
  readonly cards: string;
  readonly epochs: string;
  readonly confusion: string;
  readonly mistakes: string;
  readonly settings: string;
  readonly data: string;
  readonly style: string;
  readonly script: string;
}

/** The text of the report. */
export function pageOf(parts: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MNIST: ${parts.accuracy} right</title>
<link rel="icon" href="data:,">
<style>${parts.style}</style>
</head>
<body>
<main>
<header>
  <h1>Reading handwritten digits</h1>
  <p>A network trained on MNIST, and how well it reads digits that it has never seen.</p>
  <dl class="cards">${parts.cards}</dl>
</header>
<section>
  <h2>Learning curves</h2>
  <div class="charts">
    <figure><figcaption>Loss</figcaption><div id="loss"></div></figure>
    <figure><figcaption>Accuracy</figcaption><div id="accuracy"></div></figure>
  </div>
  <p class="note">Training values are means over an epoch, while the weights move; test values are taken at its end.</p>
  <details>
    <summary>The numbers</summary>
    <div class="scroll"><table class="numbers">${parts.epochs}</table></div>
  </details>
</section>
<section>
  <h2>What is read as what</h2>
  <p class="note">One row per written digit, one column per digit that it was read as.</p>
  <div class="scroll"><table class="confusion">${parts.confusion}</table></div>
</section>
<section>
  <h2>Read wrong</h2>
  <p class="note">${parts.mistakes}</p>
  <ul id="mistakes"></ul>
</section>
<section>
  <h2>Settings</h2>
  <dl class="settings">${parts.settings}</dl>
</section>
</main>
<script type="application/json" id="data">${parts.data}</script>
<script>${parts.script}</script>
</body>
</html>
`;
}
