// What needs a person, of what the report tells and by the limits of alerts/rules.yaml, for who has no Prometheus beside the
// page: what lasts a while before it wakes anybody only the rules can tell. Pure functions.
//
//   alarmsOf(report.sources)    [{source: "notes", text: "30 deletes wait for a person", runbook: "alerts/FreshetDeletesHeld.md"}]

import {counted, spokenMillis, spokenShare} from "./format.js";

// As FreshetIngestionLag has it; a test compares the two.
export const BEHIND_MS = 60_000;
// As FreshetBackfillStalled.
export const STALLED_MS = 180_000;

// By its live changes and revokes, as freshet_live_staleness_seconds: a backfill holds the watermark back by design.
function behindOf(row) {
  const live = [row.lanes?.urgent?.behind_ms, row.lanes?.live?.behind_ms];
  return live.every((millis) => typeof millis === "number") ? Math.max(...live) : row.staleness_ms;
}

function ofPromise(slo) {
  const left = `${spokenShare(slo.budget_left)} of its error budget left`;
  if (slo.burn_fast >= slo.alarms.fast.rate) return {text: `${slo.name}: budget burns fast, ${left}`, alert: "FreshetSloBurnFast"};
  if (slo.burn_slow >= slo.alarms.slow.rate) return {text: `${slo.name}: budget burns, ${left}`, alert: "FreshetSloBurnSlow"};
  return slo.state === "violated" ? {text: `${slo.name}: violated`, alert: "FreshetSloViolated"} : null;
}

function ofSource(row) {
  const found = [];
  const behind = behindOf(row);
  if (behind > BEHIND_MS) found.push({text: `${spokenMillis(behind)} behind`, alert: "FreshetIngestionLag"});
  const stalled = row.lanes?.backfill?.stalled_ms ?? 0;
  if (stalled > STALLED_MS) {
    found.push({text: `its backfill has stood still for ${spokenMillis(stalled)}`, alert: "FreshetBackfillStalled"});
  }
  if (row.held_deletes > 0) {
    found.push({text: `${counted(row.held_deletes, "delete")} ${row.held_deletes === 1 ? "waits" : "wait"} for a person`, alert: "FreshetDeletesHeld"});
  }
  found.push(...row.slo.map(ofPromise).filter((each) => each !== null));
  const alerts = found.map(({text, alert}) => ({source: row.source, text, runbook: `alerts/${alert}.md`}));
  const letters = Object.entries(row.dead_letters).filter(([, count]) => count > 0)
    .map(([code, count]) => ({source: row.source, text: `${counted(count, "change")} skipped, ${code}`, runbook: `codes/${code}.md`}));
  return [...alerts, ...letters];
}

// What breaks a promise now first, whatever source it is of; what was skipped last.
const ORDER = ["FreshetIngestionLag", "FreshetDeletesHeld", "FreshetBackfillStalled", "FreshetSloBurnFast", "FreshetSloBurnSlow", "FreshetSloViolated"];
function rank({runbook}) {
  const place = ORDER.findIndex((alert) => runbook === `alerts/${alert}.md`);
  return place < 0 ? ORDER.length : place;
}

export function alarmsOf(sources) {
  return sources.flatMap(ofSource).sort((a, b) => rank(a) - rank(b));
}
