// What needs a person: by the alerts' own limits, with pages that exist.
import assert from "node:assert/strict";
import {existsSync, readFileSync} from "node:fs";
import {test} from "node:test";

import {alarmsOf, BEHIND_MS, STALLED_MS} from "../src/alarms.js";

const ROOT = new URL("../../../../", import.meta.url);
const slo = (more) => ({name: "revoked", state: "met", budget_left: 0.5, burn_fast: 0, burn_slow: 0,
  alarms: {fast: {rate: 14.4}, slow: {rate: 6}}, ...more});
const source = (more) => ({source: "notes", staleness_ms: 100, held_deletes: 0, slo: [slo({})], dead_letters: {}, ...more});
const said = (more) => alarmsOf([source(more)]).map(({text, runbook}) => `${text}: ${runbook}`);

test("a source that is well needs nobody", () => {
  assert.deepEqual(said({}), []);
  assert.deepEqual(said({staleness_ms: null, slo: [], dead_letters: {binary_content: 0}}), []);
});

test("each trouble names its page, and the page is there", () => {
  const all = said({staleness_ms: 61_000, held_deletes: 30, dead_letters: {binary_content: 2},
    slo: [slo({burn_fast: 20}), slo({burn_slow: 7}), slo({state: "violated", budget_left: 0})]});
  assert.deepEqual(all, ["1.0 min behind: alerts/FreshetIngestionLag.md", "30 deletes wait for a person: alerts/FreshetDeletesHeld.md",
    "revoked: budget burns fast, 50.0 % of its error budget left: alerts/FreshetSloBurnFast.md",
    "revoked: budget burns, 50.0 % of its error budget left: alerts/FreshetSloBurnSlow.md",
    "revoked: violated: alerts/FreshetSloViolated.md", "2 changes skipped, binary_content: codes/binary_content.md"]);
  for (const line of all) assert.ok(existsSync(new URL("runbooks/" + line.split(": ").at(-1), ROOT)), line);
});

test("a planned backfill needs nobody, what stands still behind it does", () => {
  const lanes = (live) => ({urgent: {behind_ms: 120}, live: {behind_ms: live}, backfill: {behind_ms: 3_600_000}});
  assert.deepEqual(said({staleness_ms: 3_600_000, lanes: lanes(150)}), []);
  assert.deepEqual(said({staleness_ms: 3_600_000, lanes: lanes(90_000)}), ["1.5 min behind: alerts/FreshetIngestionLag.md"]);
  assert.deepEqual(said({staleness_ms: 90_000, lanes: lanes(null)}), ["1.5 min behind: alerts/FreshetIngestionLag.md"]);
});

test("a backfill that stands still needs somebody, one that moves or waits its turn nobody", () => {
  const lanes = (stalled_ms) => ({urgent: {behind_ms: 120}, live: {behind_ms: 150}, backfill: {behind_ms: 3_600_000, stalled_ms}});
  assert.deepEqual(said({staleness_ms: 3_600_000, lanes: lanes(240_000)}),
    ["its backfill has stood still for 4.0 min: alerts/FreshetBackfillStalled.md"]);
  for (const quiet of [0, 30_000, null]) assert.deepEqual(said({staleness_ms: 3_600_000, lanes: lanes(quiet)}), []);
});

test("what breaks a promise now comes before what was skipped, whatever source it is of", () => {
  const names = alarmsOf([source({source: "a", dead_letters: {expired: 1}}), source({source: "b", staleness_ms: 61_000})]);
  assert.deepEqual(names.map((alarm) => alarm.source), ["b", "a"]);
});

test("one is not many", () => {
  assert.deepEqual(said({held_deletes: 1, dead_letters: {expired: 1}}),
    ["1 delete waits for a person: alerts/FreshetDeletesHeld.md", "1 change skipped, expired: codes/expired.md"]);
});

test("the limits are those of the alert rules", () => {
  const rules = readFileSync(new URL("alerts/rules.yaml", ROOT), "utf8");
  assert.match(rules, new RegExp(`freshet_live_staleness_seconds > ${BEHIND_MS / 1000}\n`));
  assert.match(rules, new RegExp(`freshet_backfill_stalled_seconds > ${STALLED_MS / 1000}\n`));
  assert.match(rules, /freshet_held_deletes > 0\n/);
});
