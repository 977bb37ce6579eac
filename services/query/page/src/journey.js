// The journey of one document: each stamp with what it took, where it is now, and what made it so.
import * as api from "./api.js";
import {byId, h, pairs} from "./dom.js";
import {legsOf, spokenMillis} from "./format.js";

function legs(stamps) {
  return h("ol", {class: "legs"}, ...legsOf(stamps).map(({step, at, took}) =>
    h("li", {class: at === null ? "open" : "done"}, h("b", {}, step), h("span", {}, at ?? "not yet"),
      h("span", {class: "quiet"}, took === null ? "" : `+ ${spokenMillis(took)}`))));
}

function journey(row) {
  const skipped = row.skipped ? `${row.skipped.code}, by ${row.skipped.stage}` : "no";
  return [
    h("p", {}, h("b", {}, row.document_id), ` of ${row.source} is `, h("b", {}, row.where), row.outdated ? ", but outdated." : "."),
    legs(row.stamps),
    pairs("What it is", [["version", `${row.version}${row.newest_version === row.version ? "" : `, newest ${row.newest_version}`}`],
      ["skipped", skipped], ["policy", row.policy ?? "–"], ["model", row.model || "–"], ["chunks", String(row.chunks)],
      ["generation", String(row.generation)], ["trace", row.traceparent || "–"]]),
  ];
}

export function offerCollections(names) {
  const select = byId("collection");
  const offered = [...select.options].map((option) => option.value).join("\n");
  if (offered !== names.join("\n")) select.replaceChildren(...names.map((name) => h("option", {value: name}, name)));
}

export function listenForJourneys() {
  byId("lineage").addEventListener("submit", async (event) => {
    event.preventDefault();
    const stops = byId("stops");
    try {
      const row = await api.lineage(byId("collection").value, byId("document").value);
      stops.replaceChildren(...[row, ...(row.others ?? [])].flatMap(journey));
    } catch (problem) {
      const text = problem.code === "not_found" ? "There is no such document, or this token may not know of it." : problem.message;
      stops.replaceChildren(h("p", {class: "problem"}, text));
    }
  });
}
