// The live run page: follows the run by server-sent events and draws AUROC by round from the page's own table.
"use strict";

(() => {
  const run = document.getElementById("run");
  const place = document.getElementById("auroc-chart");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const rows = () => {
    const columns = [[], [], [], []];
    document.querySelectorAll("#live-metrics tr[data-round]").forEach((row) => {
      const { round, auroc, low, high } = row.dataset;
      [round, auroc, low ?? auroc, high ?? auroc].forEach((text, i) => columns[i].push(Number(text)));
    });
    return columns;
  };

  // Whole rounds only on the axis; the scale never starts above 0.5, the AUROC of a coin, unless all figures are high.
  const settings = () => {
    const three = (u, value) => (value === null || value === undefined ? "–" : value.toFixed(3));
    const axis = { stroke: token("--muted"), font: "12px Inter, sans-serif", ticks: { show: false } };
    const grid = { stroke: token("--line-soft"), width: 1 };
    return {
      width: place.clientWidth,
      height: 300,
      cursor: { points: { size: 8 } },
      scales: { x: { time: false, range: (u, low, high) => [Math.min(low, 1), Math.max(high, 2)] },
        y: { range: (u, low, high) => {
          const room = Math.max((high - low) * 0.12, 0.01);
          return [Math.max(0, low - room), Math.min(1, high + room)];
        } } },
      axes: [
        { ...axis, grid, incrs: [1, 2, 5, 10, 20, 50, 100], values: (u, ticks) => ticks.map((t) => (Number.isInteger(t) ? t : "")) },
        { ...axis, grid, size: 56, values: (u, ticks) => ticks.map((t) => t.toFixed(ticks[1] - ticks[0] < 0.01 ? 3 : 2)) },
      ],
      series: [
        { label: place.dataset.labelRound },
        { label: place.dataset.labelAuroc, stroke: token("--ink"), width: 2.5, value: three, points: { show: true, size: 7, fill: token("--ink") } },
        { label: place.dataset.labelLow, stroke: token("--interval"), width: 1, value: three, points: { show: false } },
        { label: place.dataset.labelHigh, stroke: token("--interval"), width: 1, value: three, points: { show: false } },
      ],
      // Where no cursor points, the legend tells the latest round.
      hooks: { setLegend: [(u) => {
        const last = u.data[0].length - 1;
        if (u.cursor.idx === null || u.cursor.idx === undefined) {
          if (u.legend.idx !== last) queueMicrotask(() => u.setLegend({ idx: last }));
        }
      }] },
      bands: [{ series: [3, 2], fill: "#8db5de44" }],
    };
  };

  let plot = null;
  const draw = () => {
    const data = rows();
    if (data[0].length === 0) return;
    if (plot === null) {
      // The picture that the server drew says the same; this one can be pointed at.
      place.hidden = false;
      document.getElementById("live-chart").hidden = true;
      plot = new uPlot(settings(), data, place);
    } else {
      plot.setData(data);
    }
    requestAnimationFrame(() => plot.setLegend({ idx: data[0].length - 1 }));
  };
  new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: 300 })).observe(place);
  document.fonts.ready.then(draw);

  const sign = document.getElementById("live-sign");
  const say = (word, tone) => {
    sign.hidden = false;
    sign.textContent = sign.dataset[word];
    sign.className = `live ${tone}`;
  };

  if (!run.dataset.stream) return;
  const source = new EventSource(run.dataset.stream);
  source.onopen = () => say("live", "");
  source.onerror = () => say(source.readyState === EventSource.CLOSED ? "paused" : "lost", "off");
  ["headline", "detail", "figures", "now", "traffic", "chart", "metrics", "log", "controls"].forEach((region) => {
    source.addEventListener(region, (event) => {
      const shown = document.getElementById(`live-${region}`);
      if (shown === null) return;
      shown.innerHTML = event.data;
      if (region === "metrics") draw();
    });
  });
  source.addEventListener("ended", () => {
    source.close();
    say("ended", "ended");
  });
  source.addEventListener("paused", () => {
    source.close();
    say("paused", "off");
  });
})();
