// One source: a row of figures, and what stands below it when it is opened. Updated in place, so that focus stays.
import {h, pairs, setText} from "./dom.js";
import {describeSteps, makeChart} from "./chart.js";
import {counted, shortCount, spokenMillis, spokenShare, spokenState, total, worstState} from "./format.js";

const OPERATIONS = ["insert", "update", "delete", "access"];

function cell(label, ...children) {
  return h("div", {class: "cell", role: "cell", "data-label": label}, ...children);
}

function badge() {
  return h("span", {class: "badge"});
}

function setBadge(element, state) {
  element.className = `badge ${state}`;
  setText(element, spokenState(state));
}

function sloLine(slo) {
  const left = spokenShare(slo.budget_left);
  // Where nothing is known a full bar would say too much.
  const bar = slo.state === "unknown" ? h("span", {}) : h("meter", {min: 0, max: 1, low: 0.1, high: 0.5, optimum: 1, value: slo.budget_left,
    "aria-label": `Error budget left of ${slo.name}`});
  const state = badge();
  setBadge(state, slo.state);
  return h("div", {class: "slo"}, h("span", {}, `${slo.name} ≤ ${spokenMillis(slo.target_ms)}`), state, bar,
    h("span", {}, slo.state === "unknown" ? "–" : left));
}

function sloRows(slo) {
  const alarm = slo.alarms.fast;
  return [
    ["promise", `${spokenShare(slo.objective)} within ${spokenMillis(slo.target_ms)}, over ${slo.window}`],
    ["state", spokenState(slo.state)], ["error budget left", spokenShare(slo.budget_left)],
    ["events", `${slo.events.good} good, ${slo.events.bad} bad, ${slo.skipped} of these skipped`],
    ["burn rate", `${slo.burn_fast.toFixed(1)} fast (alarm from ${alarm.rate.toFixed(1)}), ${slo.burn_slow.toFixed(1)} slow`],
    ...Object.entries(slo.operations).map(([name, row]) => [name, `${row.events.good} good, ${row.events.bad} bad`]),
  ];
}

function quantileRows(latencies) {
  return Object.entries(latencies).map(([name, q]) =>
    [name, q.count ? `${spokenMillis(q.p50)} / ${spokenMillis(q.p95)} / ${spokenMillis(q.p99)} of ${q.count}` : "–"]);
}

function details(row) {
  const ahead = row.clock_ahead_ms;
  const still = (millis) => (millis > 0 ? `, nothing of this source's for ${spokenMillis(millis)}` : "");
  const lanes = Object.entries(row.lanes).map(([lane, {backlog, stalled_ms}]) =>
    [lane, (backlog === null ? "not known here" : `${backlog} waiting`) + still(stalled_ms)]);
  const letters = Object.entries(row.dead_letters).map(([code, count]) => [code, String(count)]);
  return [
    ...row.slo.map((slo) => pairs(`Promise: ${slo.name}`, sloRows(slo))),
    pairs("Commit to searchable, 24 h: p50 / p95 / p99", quantileRows(row.searchable_ms)),
    pairs("By step, 24 h: p50 / p95 / p99", quantileRows(row.stages_ms)),
    pairs("Lanes", lanes),
    pairs("Dead letters by code", letters.length ? letters : [["none", "0"]]),
    pairs("Source", [["watermark", row.watermark ?? "–"], ["deletes held for a person", String(row.held_deletes ?? 0)],
      ["clock ahead of ours", ahead.count ? `up to ${spokenMillis(ahead.max)}, ${counted(ahead.count, "change")}` : "never in 24 h"]]),
  ];
}

export class SourceRow {
  constructor(name, collection) {
    const id = `more-${name}`;
    this.button = h("button", {type: "button", "aria-expanded": "false", "aria-controls": id}, name);
    this.state = badge();
    this.behind = h("span", {});
    this.slos = h("div", {});
    this.spark = h("div", {class: "spark", role: "img", "aria-label": "Not asked yet."});
    this.latencies = OPERATIONS.map(() => h("span", {}));
    this.backlog = h("span", {});
    this.letters = h("span", {});
    this.chartPlace = h("div", {class: "chart"});
    this.tables = h("div", {class: "tables"});
    this.more = h("section", {id, class: "more", hidden: true, "aria-label": `More about ${name}`},
      h("h3", {}, "Commit to searchable, p95 by minute"), this.chartPlace, this.tables);
    this.row = h("div", {class: "row", role: "row"},
      h("div", {class: "cell name", role: "rowheader"}, this.button, h("span", {class: "quiet"}, collection)),
      cell("state", this.state), cell("behind", this.behind), cell("promises", this.slos),
      cell("steps, last hour", this.spark),
      ...OPERATIONS.map((operation, i) => cell(`${operation} p95`, this.latencies[i])),
      cell("waiting", this.backlog), cell("dead letters", this.letters));
    this.element = h("div", {class: "source", role: "rowgroup"}, this.row, this.more);
    this.button.addEventListener("click", () => this.toggle());
  }

  toggle() {
    const open = this.more.hidden;
    this.more.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open && !this.chart) this.chart = makeChart(this.chartPlace, true);
    if (open && this.last) this.update(this.last);
    if (open && this.history) this.chart.update(...this.history);
  }

  update(row) {
    this.last = row;
    setBadge(this.state, row.state);
    setText(this.behind, spokenMillis(row.staleness_ms));
    this.slos.replaceChildren(...(row.slo.length ? row.slo.map(sloLine) : [h("span", {class: "quiet"}, "none")]));
    this.row.dataset.state = worstState(row.slo) ?? row.state;
    OPERATIONS.forEach((operation, i) => setText(this.latencies[i], spokenMillis(row.searchable_ms[operation].p95)));
    const waits = Object.values(row.lanes).map((lane) => lane.backlog);
    setText(this.backlog, waits.every((n) => n === null) ? "–" : shortCount(waits.reduce((a, b) => a + (b ?? 0), 0)));
    setText(this.letters, shortCount(total(row.dead_letters)));
    if (!this.more.hidden) this.tables.replaceChildren(...details(row));
  }

  updateHistory(history, row) {
    this.history = [history, row];
    this.small ??= makeChart(this.spark, false);
    this.small.update(history, row);
    this.spark.setAttribute("aria-label", describeSteps(row));
    if (this.chart && !this.more.hidden) this.chart.update(history, row);
  }

  remove() {
    this.small?.destroy();
    this.chart?.destroy();
    this.element.remove();
  }

  redraw() {
    this.small?.redraw();
    this.chart?.redraw();
  }
}
