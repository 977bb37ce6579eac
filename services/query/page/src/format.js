// Numbers and states as people read them. Pure functions.

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]];

// "4.6 ms", "180 ms", "12.3 s", "5.0 min"; "–" where there is nothing.
export function spokenMillis(millis) {
  if (millis === null || millis === undefined) return "–";
  for (const [unit, size] of UNITS) {
    if (millis >= size) return `${(millis / size).toFixed(1)} ${unit}`;
  }
  return `${millis < 100 ? millis.toFixed(1) : Math.round(millis)} ms`;
}

// Rounded down, so that what is not whole is never called whole.
export function spokenShare(share) {
  const tenths = Math.floor(share * 1000 + 1e-9) / 10;
  return `${tenths.toFixed(1)} %`;
}

// "1 delete", "30 deletes".
export function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

// "81,234", "3.7M": what fits into a column; what it stands for is in the details.
export function shortCount(number) {
  return number.toLocaleString("en", number < 100_000 ? {} : {notation: "compact", maximumFractionDigits: 1});
}

const STATES = {met: "met", at_risk: "at risk", violated: "violated", unknown: "unknown", fresh: "fresh", stale: "stale"};
export function spokenState(state) {
  return STATES[state] ?? "unknown";
}

// Worst first; a source is as well as the worst of its promises.
const RANK = ["violated", "at_risk", "unknown", "met"];
export function worstState(slos) {
  return RANK.find((state) => slos.some((slo) => slo.state === state)) ?? null;
}

export function total(counts) {
  return Object.values(counts ?? {}).reduce((sum, count) => sum + (count ?? 0), 0);
}

// "All 3 sources keep their promises." or which do not.
export function summaryOf(sources) {
  const wrong = sources.filter((source) => ["violated", "at_risk"].includes(worstState(source.slo)));
  const stale = sources.filter((source) => source.state !== "fresh" && !wrong.includes(source));
  const parts = [];
  if (wrong.length) parts.push(`${wrong.map((s) => `${s.source}: ${spokenState(worstState(s.slo))}`).join(", ")}.`);
  if (stale.length) parts.push(`${stale.map((s) => `${s.source}: ${spokenState(s.state)}`).join(", ")}.`);
  if (sources.length === 0) return "There are no sources.";
  return parts.join(" ") || (sources.length === 1 ? "The source keeps its promises." :
    `All ${sources.length} sources keep their promises.`);
}

// What changed since the last answer, in words, for those who listen rather than look; "" where nothing did.
export function newsBetween(before, now) {
  const stateOf = (source) => worstState(source.slo) ?? source.state;
  const old = new Map((before ?? []).map((source) => [source.source, stateOf(source)]));
  return now.filter((source) => old.has(source.source) && old.get(source.source) !== stateOf(source))
    .map((source) => `${source.source} is now ${spokenState(stateOf(source))}.`).join(" ");
}

// The stamps of a lineage as legs: [{step, at, took}], where a step that has not happened yet took null.
export function legsOf(stamps) {
  let before = null;
  return Object.entries(stamps).map(([step, at]) => {
    const time = at === null ? null : Date.parse(at);
    const took = time === null || before === null ? null : Math.max(time - before, 0);
    if (time !== null) before = time;
    return {step, at, took};
  });
}
