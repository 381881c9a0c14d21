// Runs in the report: draws the curves with uPlot, which stands before it in the same script, and the misread digits.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const charts = [];

  function draw(id, [train, test], format) {
    const box = document.getElementById(id);
    const line = (label, name) => ({
      label,
      stroke: () => color(name),
      width: 2,
      points: { show: true, size: 7, fill: () => color(name) },
      value: (_chart, value) => (value == null ? "" : format(value)),
    });
    const axis = {
      stroke: () => color("--quiet"),
      grid: { stroke: () => color("--line") },
      ticks: { stroke: () => color("--line") },
    };
    const last = data.epochs.length - 1;
    const options = {
      width: box.clientWidth,
      height: 280,
      scales: { x: { time: false, range: () => [0.8, data.epochs.length + 0.2] } },
      series: [{ label: "epoch" }, line("training", "--train"), line("test", "--test")],
      axes: [
        { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 500, 1000] },
        { ...axis, size: 64, values: (_chart, ticks) => ticks.map(format) },
      ],
      legend: { markers: { fill: (_chart, series) => color(["", "--train", "--test"][series]) } },
    };
    const chart = new uPlot(options, [data.epochs, train, test], box);
    // The legend has the values under the pointer; without one, the last. uPlot empties it in its own next task.
    const showLast = () => setTimeout(() => chart.setLegend({ idx: last }));
    chart.over.addEventListener("mouseleave", showLast);
    showLast();
    charts.push({ box, chart });
  }

  function drawDigit({ truth, read, sure, pixels }) {
    const item = document.createElement("li");
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 28;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `a handwritten ${truth}`);
    const context = canvas.getContext("2d");
    const image = context.createImageData(28, 28);
    const bytes = atob(pixels);
    for (let i = 0; i < bytes.length; i++) {
      image.data.fill(255 - bytes.charCodeAt(i), 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    const note = document.createElement("small");
    note.textContent = `${Math.round(100 * sure)} % sure`;
    item.append(canvas, `${truth} read as ${read}`, note);
    document.getElementById("mistakes").append(item);
  }

  draw("loss", data.loss, (value) => value.toFixed(3));
  draw("accuracy", data.accuracy, percent);
  data.mistakes.forEach(drawDigit);
  addEventListener("resize", () => {
    for (const { box, chart } of charts) chart.setSize({ width: box.clientWidth, height: 280 });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { chart } of charts) chart.redraw(false, true);
  });
})();
