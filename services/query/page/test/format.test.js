// What people read, from what the server says.
import assert from "node:assert/strict";
import {test} from "node:test";

import {counted, legsOf, newsBetween, shortCount, spokenMillis, spokenShare, summaryOf, total, worstState} from "../src/format.js";

const source = (name, state, ...slos) => ({source: name, state, slo: slos.map((s) => ({state: s}))});

test("durations have the unit that fits", () => {
  const cases = [[0, "0.0 ms"], [4.56, "4.6 ms"], [180, "180 ms"], [999.9, "1000 ms"], [1000, "1.0 s"], [12_345, "12.3 s"],
    [300_000, "5.0 min"], [7_200_000, "2.0 h"], [172_800_000, "2.0 d"], [null, "–"], [undefined, "–"]];
  for (const [millis, text] of cases) assert.equal(spokenMillis(millis), text);
});

test("a budget that is not whole is never called whole", () => {
  assert.equal(spokenShare(1), "100.0 %");
  assert.equal(spokenShare(0.99999), "99.9 %");
  assert.equal(spokenShare(0.999), "99.9 %");
  assert.equal(spokenShare(0), "0.0 %");
});

test("a source is as well as the worst of its promises", () => {
  assert.equal(worstState([{state: "met"}, {state: "violated"}, {state: "at_risk"}]), "violated");
  assert.equal(worstState([{state: "met"}, {state: "unknown"}]), "unknown");
  assert.equal(worstState([]), null);
});

test("the summary names who does not keep a promise", () => {
  assert.equal(summaryOf([]), "There are no sources.");
  assert.equal(summaryOf([source("a", "fresh", "met")]), "The source keeps its promises.");
  assert.equal(summaryOf([source("a", "fresh", "met"), source("b", "fresh")]), "All 2 sources keep their promises.");
  assert.equal(summaryOf([source("a", "fresh", "met", "at_risk"), source("b", "stale")]), "a: at risk. b: stale.");
});

test("news are changes of state only", () => {
  assert.equal(newsBetween(null, [source("a", "fresh", "met")]), "");
  assert.equal(newsBetween([source("a", "fresh", "met")], [source("a", "fresh", "met")]), "");
  assert.equal(newsBetween([source("a", "fresh", "met")], [source("a", "fresh", "violated")]), "a is now violated.");
});

test("legs of a journey: what each step took, and what has not happened yet", () => {
  assert.deepEqual(legsOf({committed: "2026-01-01T00:00:00.000Z", deid: "2026-01-01T00:00:00.020Z", chunk: null}), [
    {step: "committed", at: "2026-01-01T00:00:00.000Z", took: null},
    {step: "deid", at: "2026-01-01T00:00:00.020Z", took: 20}, {step: "chunk", at: null, took: null}]);
  const ahead = legsOf({committed: "2026-01-01T00:00:01.000Z", captured: "2026-01-01T00:00:00.000Z"});
  assert.equal(ahead[1].took, 0, "a clock that is ahead makes no negative time");
});

test("counts are told as people tell them, and fit", () => {
  assert.deepEqual([0, 1, 2].map((n) => counted(n, "delete")), ["0 deletes", "1 delete", "2 deletes"]);
  assert.deepEqual([0, 999, 81_234, 123_457, 3_703_701].map(shortCount), ["0", "999", "81,234", "123.5K", "3.7M"]);
});

test("totals", () => {
  assert.equal(total({binary_content: 2, expired: 3}), 5);
  assert.equal(total(undefined), 0);
});
