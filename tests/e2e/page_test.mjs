// The page /freshness as people use it: by keyboard, by eye, by screen reader, on three sizes, light and dark.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import path from "node:path";

const {PAGE_URL, PAGE_TOKEN, CHROMIUM, NODE_MODULES, SCREENSHOTS} = process.env;
const {chromium} = createRequire(path.join(NODE_MODULES, "x"))("playwright-core");
const SIZES = {desktop: [1440, 900], tablet: [820, 1180], phone: [390, 844]};
const LIMIT = 60_000;

const browser = await chromium.launch({executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]});
const page = await browser.newPage({viewport: {width: 1440, height: 900}});
page.setDefaultTimeout(LIMIT);
const asked = [], errors = [];
page.on("request", (request) => asked.push(request.url()));
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
page.on("pageerror", (error) => errors.push(String(error)));

const step = async (name, body) => {
  try { await body(); } catch (error) {
    await page.screenshot({path: path.join(SCREENSHOTS, "failed.png"), fullPage: true}).catch(() => {});
    console.error(`FAILED: ${name}`);
    throw error;
  }
};
const detail = (caption, name) =>
  page.locator("table.pairs", {hasText: caption}).locator("tr", {has: page.locator("th", {hasText: new RegExp(`^${name}$`)})}).locator("td");

// Contrast after WCAG 2.2, 1.4.3: of every text that shows, against what lies behind it. Those below 4.5 are returned.
const dim = () => page.evaluate(() => {
  const parse = (text) => (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest("option, .visually-hidden") &&
    [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  return texts.map((e) => [e.className + ": " + e.textContent.trim().slice(0, 30), light(parse(getComputedStyle(e).color)), light(behind(e))])
    .map(([what, a, b]) => [what, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]).filter(([, ratio]) => ratio < 4.5);
});

await step("a wrong token is told, the right one shows the sources, by keyboard alone", async () => {
  await page.goto(PAGE_URL);
  await page.keyboard.type("nobody's");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({hasText: "Nobody is known by this token."}).waitFor();
  errors.length = 0;  // the browser itself logs the 401
  await page.keyboard.type(PAGE_TOKEN);
  await page.keyboard.press("Enter");
  await page.getByText("The source keeps its promises.").waitFor();
  assert.equal(await page.locator(".source .badge.met").count(), 2, "two promises");
  assert.equal(await page.getByRole("table", {name: "Sources"}).getByRole("columnheader").count(), 11);
});

await step("a row opens by keyboard and shows figures, lanes and codes", async () => {
  const button = page.getByRole("button", {name: "files"});
  for (let i = 0; i < 20 && !(await button.evaluate((e) => e === document.activeElement)); ++i) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  await page.locator(".more canvas").waitFor();
  await detail("Commit to searchable", "insert").filter({hasText: "of 3"}).waitFor();
  await detail("Lanes", "urgent").filter({hasText: "0 waiting"}).waitFor();
  assert.match(await page.locator(".spark").getAttribute("aria-label"), /p95 by step|No changes/);
});

await step("what changes in the source shows without a reload, and focus stays", async () => {
  console.log("write");
  await detail("Commit to searchable", "update").filter({hasText: "of 1"}).waitFor();
  console.log("skip");
  await detail("Dead letters by code", "binary_content").filter({hasText: "1"}).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "files");
});

await step("what needs a person is listed with its runbook", async () => {
  const needs = page.getByRole("region", {name: "Needs a person"});
  await needs.getByRole("listitem").filter({hasText: "files: 1 change skipped, binary_content. Runbook: runbooks/codes/binary_content.md"}).waitFor();
});

await step("the journey of a document", async () => {
  await page.getByLabel("Document id").fill("note-0.txt");
  await page.keyboard.press("Enter");
  await page.locator("#stops").getByText("searchable").waitFor();
  assert.deepEqual(await page.locator(".legs b").allTextContents(), ["committed", "captured", "deid", "chunk", "embed", "index"]);
  await page.getByLabel("Document id").fill("no-such-note");
  await page.keyboard.press("Enter");
  await page.locator("#stops").getByText("There is no such document").waitFor();
  errors.length = 0;  // the browser itself logs the 404
  await page.getByLabel("Document id").fill("note-0.txt");
  await page.keyboard.press("Enter");
  await page.locator(".legs").waitFor();
});

for (const [name, [width, height]] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    await step(`${name}, ${colorScheme}: fits, can be read`, async () => {
      await page.setViewportSize({width, height});
      await page.emulateMedia({colorScheme});
      await page.waitForTimeout(100);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing lies beyond the right edge");
      assert.deepEqual(await dim(), [], "contrast of at least 4.5");
      await page.screenshot({path: path.join(SCREENSHOTS, `${name}-${colorScheme}.png`), fullPage: true});
    });
  }
}

// A hospital's worth of sources, in every state there is, out of the one that is really there; then none at all.
const LONG = "a-source-with-a-name-of-exactly-sixty-four-characters-in-all-64";
const many = ({sources: [one]}) => ["met", "at_risk", "violated", "unknown"].flatMap((state, i) => ["policies", "notes", LONG].map((name) => ({
  ...one, source: `${name}${i}`, state: ["fresh", "stale", "fresh", "unknown"][i], staleness_ms: [80, 754_000, 4_000, null][i],
  held_deletes: i, dead_letters: i === 2 ? {binary_content: 1, quarantined: 123_456} : {}, lanes: Object.fromEntries(
    ["urgent", "live", "backfill"].map((lane) => [lane, {backlog: [0, 1_234_567, 8, null][i], behind_ms: [80, 754_000, 4_000, null][i]}])),
  slo: one.slo.map((slo) => ({...slo, state, budget_left: [1, 0.31, 0, 1][i], burn_fast: [0, 20, 40, 0][i]}))})));
for (const [what, change] of [["many", many], ["none", () => []]]) {
  await step(`${what} sources: fit, can be read`, async () => {
    await page.route("**/v1/freshness", async (route) => {
      const answer = await route.fetch(), report = await answer.json();
      await route.fulfill({response: answer, json: {...report, sources: change(report)}});
    });
    if (what === "many") await page.reload();  // none after many: what is configured no more is shown no more
    await (what === "none" ? page.getByText("There are no sources.").first() : page.locator(".source").nth(11)).waitFor();
    for (const [name, [width, height]] of Object.entries(SIZES)) {
      for (const colorScheme of ["light", "dark"]) {
        await page.setViewportSize({width, height});
        await page.emulateMedia({colorScheme});
        await page.waitForTimeout(100);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: nothing lies beyond the right edge`);
        assert.deepEqual(await dim(), [], `${name}, ${colorScheme}: contrast of at least 4.5`);
        await page.screenshot({path: path.join(SCREENSHOTS, `${what}-${name}-${colorScheme}.png`), fullPage: true});
      }
    }
    for (let width = 320; width <= 1440; width += 40) {
      await page.setViewportSize({width, height: 800});
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: nothing lies beyond the right edge`);
    }
    if (what === "many") {
      await page.getByText(/^\d+ more$/).click();
      await page.waitForTimeout(2500);  // it is shown anew meanwhile
      assert.ok(await page.locator("#more-alarms li").last().isVisible(), "what was opened stays open");
      assert.equal(await page.locator('.source:has-text("policies3") meter').count(), 0, "no bar where nothing is known");
    } else {
      assert.equal(await page.locator(".source, .head:visible, #journey:visible").count(), 0, "no frame around nothing");
    }
    await page.unrouteAll({behavior: "ignoreErrors"});  // what it holds up is asked for again
  });
}
await page.reload();
await page.locator(".source").first().waitFor();

await step("everything that can be operated has a name", async () => {
  const nameless = await page.evaluate(() => [...document.querySelectorAll("button, input, select, meter, [role=img]")]
    .filter((e) => !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length)).map((e) => e.outerHTML));
  assert.deepEqual(nameless, []);
});

await step("it asked nobody but its server, and nothing went wrong", async () => {
  assert.deepEqual(asked.filter((url) => !url.startsWith(new URL(PAGE_URL).origin) && !url.startsWith("data:")), []);
  assert.deepEqual(errors, []);
});

await step("an answer that never comes is told, and asked for again", async () => {
  let held = 0;
  await page.route("**/v1/freshness", (route) => held++ === 0 ? undefined : route.continue());
  await page.getByRole("alert").filter({hasText: "What is shown is from before"}).waitFor();
  await page.getByRole("alert").filter({hasText: "What is shown is from before"}).waitFor({state: "hidden"});
  await page.unrouteAll({behavior: "ignoreErrors"});
});

await step("a server that is gone is told, with what was there before", async () => {
  console.log("kill");
  await page.getByRole("alert").filter({hasText: "What is shown is from before"}).waitFor();
  assert.equal(await page.locator(".source").count(), 1);
});

await browser.close();
console.log("done");
