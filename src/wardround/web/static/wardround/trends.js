// Vital signs to point at and to zoom: the same values as the trend that the server drew, asked for when it is opened.
"use strict";

(() => {
  const zoom = document.getElementById("zoom");
  if (!zoom) return;
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plots = [];
  // Times as the rest of the page writes them: in the hospital's zone, the month in letters, the clock to 24.
  const at = (seconds, parts) =>
    new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zoom.dataset.zone, hourCycle: "h23", ...parts }).format(seconds * 1000);
  const day = { day: "2-digit", month: "short" };
  const clock = { hour: "2-digit", minute: "2-digit" };
  const ticks = (u, splits, index, space, step) =>
    splits.map((seconds, n) => {
      if (step >= 86400) return at(seconds, step >= 31 * 86400 ? { month: "short", year: "numeric" } : day);
      const isNewDay = n === 0 || at(seconds, day) !== at(splits[n - 1], day);
      return isNewDay ? `${at(seconds, clock)}\n${at(seconds, day)}` : at(seconds, clock);
    });

  // The usual range of each series, under its line.
  const bands = (row) => ({
    hooks: {
      drawClear: [
        (u) => {
          u.ctx.save();
          u.ctx.fillStyle = token("--reference-band");
          row.series.forEach(({ low, high }) => {
            if (low === null) return;
            const top = Math.max(u.valToPos(high, "y", true), u.bbox.top);
            const bottom = Math.min(u.valToPos(low, "y", true), u.bbox.top + u.bbox.height);
            if (bottom > top) u.ctx.fillRect(u.bbox.left, top, u.bbox.width, bottom - top);
          });
          u.ctx.restore();
        },
      ],
    },
  });

  // The usual range is seen whole, and a flat line has room.
  const room = (row) => (u, low, high) => {
    const limits = row.series.flatMap((series) => (series.low === null ? [] : [series.low, series.high]));
    const [least, most] = [Math.min(low, ...limits), Math.max(high, ...limits)];
    const more = (most - least || 1) * 0.08;
    return [least - more, most + more];
  };

  const columns = (row) => {
    const times = [...new Set(row.series.flatMap((series) => series.points.map(([time]) => time)))].sort((a, b) => a - b);
    const values = row.series.map((series) => {
      const known = new Map(series.points);
      return times.map((time) => known.get(time) ?? null);
    });
    return [times, ...values];
  };

  const draw = (row, place) => {
    const box = document.createElement("div");
    box.className = "plot";
    const title = document.createElement("h3");
    title.textContent = `${row.title} (${row.unit}, ${row.usual})`;
    box.append(title);
    place.append(box);
    const axis = { stroke: token("--muted"), font: "12px Inter, sans-serif", grid: { stroke: token("--line-soft"), width: 1 } };
    const settings = {
      width: box.clientWidth,
      height: 190,
      cursor: { sync: { key: "vital-signs" }, points: { size: 8 } },
      scales: { x: { time: true }, y: { range: room(row) } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zoom.dataset.zone),
      axes: [{ ...axis, values: ticks }, { ...axis, size: 52 }],
      series: [
        { label: zoom.dataset.time, value: (u, seconds) => (seconds === null ? "–" : at(seconds, { ...day, year: "numeric", ...clock })) },
        ...row.series.map((series, number) => ({
          label: series.title,
          stroke: token("--ink-soft"),
          width: 1.6,
          dash: number ? [5, 4] : [],
          spanGaps: true,
          points: { show: true, size: 6 },
        })),
      ],
      plugins: [bands(row)],
    };
    plots.push([new uPlot(settings, columns(row), box), box]);
  };

  zoom.addEventListener("toggle", async () => {
    if (!zoom.open || plots.length) return;
    const answer = await fetch(zoom.dataset.source, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const place = zoom.querySelector(".plots");
    (await answer.json()).rows.forEach((row) => draw(row, place));
    new ResizeObserver(() => plots.forEach(([plot, box]) => plot.setSize({ width: box.clientWidth, height: 190 }))).observe(place);
  });
})();
