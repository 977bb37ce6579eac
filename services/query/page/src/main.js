// The page /freshness: asks /v1/freshness every two seconds and its history every ten, and shows what it is told.
import "./style.css";

import {alarmsOf} from "./alarms.js";
import * as api from "./api.js";
import {byId, h, setText} from "./dom.js";
import {newsBetween, summaryOf} from "./format.js";
import {listenForJourneys, offerCollections} from "./journey.js";
import {SourceRow} from "./source.js";

const EVERY = 2000;
const HISTORY_EVERY = 10_000;
const AT_ONCE = 6;
const HEADINGS = ["Source", "State", "Behind", "Promises", "Steps, last hour", "Insert p95", "Update p95", "Delete p95",
  "Access p95", "Waiting", "Dead letters"];

const rows = new Map();
let before = null;
let paused = false;
let historyAt = 0;

function rowOf(source) {
  let row = rows.get(source.source);
  if (!row) {
    row = new SourceRow(source.source, source.collection);
    rows.set(source.source, row);
    byId("table").append(row.element);
  }
  return row;
}

function ask(wanted) {
  byId("enter").hidden = !wanted;
  byId("leave").hidden = wanted;
  byId("sources").hidden = byId("journey").hidden = wanted;
  if (wanted) byId("needs").hidden = true;
  if (wanted) byId("token").focus();
}

function tell(problem) {
  byId("problem").hidden = problem === null;
  if (problem === null) return;
  setText(byId("problem"), problem.status === 401 ? "Nobody is known by this token." :
    `${problem.code}: ${problem.message}. What is shown is from before.`);
  if (problem.status !== 401) return;
  api.token.forget();
  ask(true);
}

function listItem({source, text, runbook}) {
  return h("li", {}, h("b", {}, source), `: ${text}. `, h("span", {class: "runbook"}, `Runbook: runbooks/${runbook}`));
}

// More than fits above the sources waits behind a click.
function showAlarms(sources) {
  const alarms = alarmsOf(sources);
  byId("needs").hidden = alarms.length === 0;
  byId("more-needs").hidden = alarms.length <= AT_ONCE;
  byId("alarms").replaceChildren(...alarms.slice(0, AT_ONCE).map(listItem));
  byId("more-alarms").replaceChildren(...alarms.slice(AT_ONCE).map(listItem));
  setText(byId("more-count"), `${alarms.length - AT_ONCE} more`);
}

// A source that is configured no more is shown no more.
function forgetOthers(sources) {
  for (const [name, row] of rows) {
    if (sources.some((source) => source.source === name)) continue;
    row.remove();
    rows.delete(name);
  }
}

function show(report) {
  forgetOthers(report.sources);
  for (const source of report.sources) rowOf(source).update(source);
  setText(byId("summary"), summaryOf(report.sources));
  showAlarms(report.sources);
  byId("table").hidden = byId("journey").hidden = report.sources.length === 0;
  setText(byId("asked"), new Date(report.now).toLocaleTimeString());
  const news = newsBetween(before, report.sources);
  if (news) setText(byId("news"), news);
  before = report.sources;
  offerCollections([...new Set(report.sources.map((source) => source.collection))]);
}

async function refresh() {
  show(await api.freshness());
  if (Date.now() - historyAt >= HISTORY_EVERY) {
    historyAt = Date.now();
    const history = await api.history().catch(() => null); // the sparklines stay as they were
    for (const source of history?.sources ?? []) rows.get(source.source)?.updateHistory(history, source);
  }
  tell(null);
}

async function live() {
  if (!paused && api.token.get() && !document.hidden) {
    await refresh().catch((problem) => tell(problem.code ? problem : Object.assign(problem, {code: "internal_error"})));
  }
  setTimeout(live, EVERY);
}

byId("sources").append(h("div", {id: "table", role: "table", "aria-label": "Sources"},
  h("div", {class: "row head", role: "row"}, ...HEADINGS.map((text) => h("div", {class: "cell", role: "columnheader"}, text)))));
byId("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  api.token.set(byId("token").value);
  byId("token").value = "";
  ask(false);
  historyAt = 0;
  refresh().then(() => byId("sources").focus(), tell);
});
byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  setText(byId("pause"), paused ? "Go on" : "Pause");
});
byId("leave").addEventListener("click", () => {
  api.token.forget();
  location.reload();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => rows.forEach((row) => row.redraw()));
listenForJourneys();
ask(!api.token.get());
live();
