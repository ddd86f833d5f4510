// The charts of the back office: drawn from the data beside them, in the colours of the page, light or dark, and again
// when the width or the theme changes. Without this file the table below each chart says the same.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([LineChart, BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

/**
 * @typedef {{ name: string, values: number[], words: string[] }} Series
 * @typedef {{ kind: "growth" | "bars" | "columns" | "layers", labels: string[], series: Series[] }} Data
 * @typedef {{ ink: string, muted: string, line: string, accent: string, paper: string, font: string }} Look
 */

/** @param {string} colour a colour as the browser computes it @returns {[number, number, number]} */
const parts = (colour) => {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
};

/** @param {Element} place @param {string} variable @param {string} otherwise */
const computed = (place, variable, otherwise) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${variable}, ${otherwise})`;
  place.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return `rgb(${parts(colour).map(Math.round).join(",")})`;
};

/** @param {Element} place @returns {Look} */
function lookOf(place) {
  const paper = computed(place, "--w-color-surface-page", "#fff");
  const isDark = parts(paper).reduce((sum, part) => sum + part, 0) < 382;
  const brand = parts(computed(place, "--office-accent", "#2a5db0"));
  const accent = isDark ? brand.map((part) => Math.round(part + (255 - part) * 0.5)) : brand;
  return {
    ink: computed(place, "--w-color-text-label", "#222"),
    muted: computed(place, "--w-color-text-meta", "#555"),
    line: computed(place, "--w-color-border-furniture", "#ddd"),
    accent: `rgb(${accent.join(",")})`,
    paper,
    font: getComputedStyle(place).fontFamily,
  };
}

/** @param {Look} look */
const axisOf = (look) => ({
  axisLine: { lineStyle: { color: look.line } },
  axisTick: { show: false },
  axisLabel: { color: look.muted, fontSize: 12, hideOverlap: true },
});

/** @param {Look} look @param {number} [index] */
const scaleOf = (look, index = 0) => ({
  type: "value",
  gridIndex: index,
  min: (/** @type {{ min: number }} */ range) => Math.min(0, range.min),
  minInterval: 1,
  splitNumber: 3,
  axisLabel: { color: look.muted, fontSize: 12, formatter: short },
  splitLine: { lineStyle: { color: look.line } },
});

/** @param {number} value */
const short = (value) =>
  new Intl.NumberFormat(document.documentElement.lang || "en", { notation: "compact", maximumFractionDigits: 1 })
    .format(value)
    .replace("-", "\u2212");

/** @param {Data} data @param {Look} look */
function growth(data, look) {
  const [all, fresh] = data.series;
  const last = data.labels.length - 1;
  const labels = { type: "category", data: data.labels, ...axisOf(look) };
  const name = (/** @type {Series} */ series, /** @type {string} */ top) => ({ text: series.name, top });
  return {
    grid: [
      { left: 48, right: 64, top: 28, height: "46%" },
      { left: 48, right: 64, bottom: 28, height: "20%" },
    ],
    xAxis: [
      { ...labels, gridIndex: 0, boundaryGap: false, axisLabel: { show: false } },
      { ...labels, gridIndex: 1 },
    ],
    yAxis: [
      { ...scaleOf(look, 0), name: name(all, "0").text, nameTextStyle: { color: look.ink, align: "left", padding: [0, 0, 0, -36] } },
      { ...scaleOf(look, 1), splitNumber: 2, name: name(fresh, "0").text, nameTextStyle: { color: look.ink, align: "left", padding: [0, 0, 0, -36] } },
    ],
    series: [
      {
        type: "line", xAxisIndex: 0, yAxisIndex: 0, data: all.values, name: all.name, symbol: "circle", symbolSize: 5,
        showSymbol: data.labels.length < 40, lineStyle: { width: 2.5, color: look.accent }, itemStyle: { color: look.accent },
        endLabel: { show: true, formatter: () => all.words[last] ?? "", color: look.ink, fontWeight: 600, fontSize: 14 },
      },
      {
        type: "bar", xAxisIndex: 1, yAxisIndex: 1, data: fresh.values, name: fresh.name, itemStyle: { color: look.accent, borderRadius: [2, 2, 0, 0] },
        label: { show: data.labels.length <= 14, position: "top", color: look.ink, formatter: (/** @type {{ dataIndex: number, value: number }} */ at) => (at.value ? fresh.words[at.dataIndex] : "") },
      },
    ],
    axisPointer: { link: [{ xAxisIndex: "all" }] },
  };
}

/** @param {Data} data @param {Look} look */
function bars(data, look) {
  const [only] = data.series;
  return {
    grid: { left: 8, right: 108, top: 8, bottom: 8, containLabel: true },
    xAxis: { ...scaleOf(look), axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: { type: "category", inverse: true, data: data.labels, ...axisOf(look), axisLabel: { color: look.ink, fontSize: 14, width: 120, overflow: "truncate" } },
    series: [{
      type: "bar", data: only.values, name: only.name, barMaxWidth: 28, itemStyle: { color: look.accent, borderRadius: [0, 4, 4, 0] },
      label: { show: true, position: "right", color: look.ink, fontWeight: 600, formatter: (/** @type {{ dataIndex: number }} */ at) => only.words[at.dataIndex] },
    }],
  };
}

/** @param {Data} data @param {Look} look */
function columns(data, look) {
  const isFew = data.labels.length * data.series.length <= 10;
  return {
    grid: { left: 8, right: 8, top: 28, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: data.labels, ...axisOf(look) },
    yAxis: scaleOf(look),
    series: data.series.map((series, number) => ({
      type: "bar", data: series.values, name: series.name, barMaxWidth: 40, barGap: "10%",
      itemStyle: number ? { color: "transparent", borderColor: look.muted, borderWidth: 1, borderType: "dashed" } : { color: look.accent, borderRadius: [3, 3, 0, 0] },
      label: { show: isFew, position: "top", color: look.ink, fontSize: 12, formatter: (/** @type {{ dataIndex: number }} */ at) => series.words[at.dataIndex] },
    })),
  };
}

/** @param {string} over @param {string} under @param {number} share of the first colour */
const mixed = (over, under, share) => {
  const below = parts(under);
  return `rgb(${parts(over).map((part, place) => Math.round(part * share + (below[place] ?? 0) * (1 - share))).join(",")})`;
};

/** Parts of a whole over time, each named beside its last column. @param {Data} data @param {Look} look */
function layers(data, look) {
  const last = data.labels.length - 1;
  const most = data.series.length;
  return {
    grid: { left: 8, right: 132, top: 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: data.labels, ...axisOf(look) },
    yAxis: scaleOf(look),
    series: data.series.map((series, number) => ({
      type: "bar", stack: "all", data: series.values, name: series.name, barCategoryGap: "20%",
      itemStyle: { color: mixed(look.accent, look.paper, most > 1 ? 0.2 + (0.8 * number) / (most - 1) : 1), borderColor: look.accent, borderWidth: 1 },
      labelLayout: { moveOverlap: "shiftY" },
      label: {
        show: true, position: "right", color: look.ink, fontSize: 13, fontWeight: 600,
        formatter: (/** @type {{ dataIndex: number }} */ at) => (at.dataIndex === last && series.values[last] ? `${series.name} ${series.words[last]}` : ""),
      },
    })),
  };
}

const kinds = { growth, bars, columns, layers };

/** @param {Data} data @param {Look} look */
const optionsOf = (data, look) => ({
  animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  animationDuration: 180,
  animationDurationUpdate: 180,
  backgroundColor: look.paper,
  textStyle: { fontFamily: look.font, fontSize: 13 },
  tooltip: {
    trigger: "axis",
    axisPointer: { type: data.kind === "growth" ? "line" : "shadow" },
    backgroundColor: look.paper,
    borderColor: look.line,
    textStyle: { color: look.ink },
    confine: true,
    formatter: (/** @type {{ dataIndex: number }[]} */ points) => words(data, points[0]?.dataIndex ?? 0),
  },
  ...kinds[data.kind](data, look),
});

/** @param {Data} data @param {number} at @returns {HTMLElement} what the pointer stands on, as text and never as markup */
function words(data, at) {
  const note = document.createElement("div");
  note.append(data.labels[at] ?? "");
  for (const series of data.series) {
    const line = document.createElement("div");
    line.append(`${series.name}: `, Object.assign(document.createElement("strong"), { textContent: series.words[at] ?? "" }));
    note.append(line);
  }
  return note;
}

/** @param {HTMLElement} figure */
function draw(figure) {
  const place = figure.querySelector("[data-chart-place]");
  const source = figure.querySelector("script[type='application/json']");
  if (!(place instanceof HTMLElement) || !source || figure.dataset.chartDrawn) return;
  figure.dataset.chartDrawn = "yes";
  place.hidden = false;
  /** @type {Data} */
  const data = JSON.parse(source.textContent ?? "");
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const again = () => chart.setOption(/** @type {any} */ (optionsOf(data, lookOf(figure))), true);
  again();
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  const picture = figure.querySelector("[data-chart-picture]");
  if (!(picture instanceof HTMLButtonElement)) return;
  picture.hidden = false;
  picture.addEventListener("click", () => {
    const link = document.createElement("a");
    link.download = `${figure.dataset.chart ?? "chart"}.png`;
    link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: lookOf(figure).paper });
    link.click();
  });
}

const drawAll = () => document.querySelectorAll("figure[data-chart]").forEach((figure) => draw(/** @type {HTMLElement} */ (figure)));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawAll);
else drawAll();
