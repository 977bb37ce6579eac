// The server's answers. The token lives as long as the tab.

const KEY = "freshet-token";
// A connection that went away without a word would stop the page's clock for good.
const LIMIT = 10_000;  // milliseconds

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: (value) => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
};

export class Problem extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

async function get(path) {
  let response;
  try {
    response = await fetch(path, {headers: {Authorization: `Bearer ${token.get() ?? ""}`}, cache: "no-store",
                                  signal: AbortSignal.timeout(LIMIT)});
  } catch {
    throw new Problem(0, "unavailable", "the server does not answer");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || !body) throw new Problem(response.status, body?.code ?? "unavailable", body?.detail ?? "no answer");
  return body;
}

export const freshness = () => get("/v1/freshness");
export const history = () => get("/v1/freshness/history");
export const lineage = (collection, id) =>
  get(`/v1/documents/${encodeURIComponent(id)}/lineage?collection=${encodeURIComponent(collection)}`);
