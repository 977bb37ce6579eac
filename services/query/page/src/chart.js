// Charts of the last hour, by uPlot: a small one of the steps in each row, a large one of the operations when opened.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import {spokenMillis} from "./format.js";

const STEPS = ["captured", "deid", "chunk", "embed", "index"];
const OPERATIONS = ["insert", "update", "delete", "access"];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Seconds since the epoch of each slot's start, oldest first.
function timesOf(history, count) {
  const slot = history.slot_ms / 1000;
  const last = Math.floor(Date.parse(history.now) / history.slot_ms) * slot;
  return Array.from({length: count}, (_, i) => last - (count - 1 - i) * slot);
}

function dataOf(history, series, names) {
  const rows = names.map((name) => series[name]?.p95 ?? []);
  return [timesOf(history, rows[0].length), ...rows];
}

function seriesOf(names, large) {
  return [{value: (_, time) => (time ? new Date(time * 1000).toLocaleTimeString() : "–")}, ...names.map((name, i) => ({
    label: name, stroke: () => colour(`line-${i}`), width: large ? 2 : 1.5, spanGaps: false,
    points: {show: true, size: large ? 6 : 3}, value: (_, millis) => spokenMillis(millis),
  }))];
}

// One chart in `parent`, as wide as it; `update(history, row)` gives it new figures.
export function makeChart(parent, large) {
  const names = large ? OPERATIONS : STEPS;
  const axis = {stroke: () => colour("quiet"), grid: {stroke: () => colour("line")}, ticks: {show: false}};
  const size = () => ({width: Math.max(parent.clientWidth, 80), height: large ? 220 : 36});
  const plot = new uPlot({
    ...size(), series: seriesOf(names, large), legend: {show: large, live: true}, cursor: {show: large},
    axes: large ? [axis, {...axis, size: 70, values: (_, ticks) => ticks.map(spokenMillis)}] : [{show: false}, {show: false}],
    scales: {y: {range: (_, low, high) => [0, Math.max(high ?? 0, 1)]}},
    padding: large ? null : [2, 2, 2, 2],
  }, [[], ...names.map(() => [])], parent);
  const observer = new ResizeObserver(() => plot.setSize(size()));
  observer.observe(parent);
  return {
    update: (history, row) => plot.setData(dataOf(history, large ? row.searchable_ms : row.stages_ms, names)),
    redraw: () => plot.redraw(false),
    destroy: () => { observer.disconnect(); plot.destroy(); },
  };
}

// What a small chart shows, for those who do not see it.
export function describeSteps(row) {
  const said = STEPS.map((name) => [name, (row.stages_ms[name]?.p95 ?? []).filter((value) => value !== null).pop()])
    .filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${spokenMillis(value)}`);
  return said.length ? `Latest minute with changes, p95 by step: ${said.join(", ")}.` : "No changes in the last hour.";
}
