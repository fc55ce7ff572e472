// Every page as axe-core sees it, and as people do: in light and dark, on a desk and on a phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SERVICE = "service-bxi68khw";
const PLAN = "usagePlan-k0udxjgp";

/** Every page, dialogs open and closed, with states that have their own look. */
const PAGES = [
  "", "keys", "keys?state=disabled", "keys?q=nothing", "keys/new", "keys/AKIDacme0001", "keys/AKIDbeta0002/edit",
  "keys/AKIDacme0001/disable", "keys/AKIDacme0001/replace", "keys/AKIDacmeEu01/finish", "keys/AKIDepsilon19/delete",
  "keys/selected?do=bind&key=AKIDacme0001", "keys/selected?do=disable&key=AKIDacme0001", "keys/none",
  "plans", "plans/new", `plans/${PLAN}`, "plans/usagePlan-trial001", `plans/${PLAN}/edit`, `plans/${PLAN}/keys`,
  `plans/${PLAN}/unbind-keys?key=AKIDacme0001`, `plans/${PLAN}/environments`, `plans/${PLAN}/reset`,
  `plans/${PLAN}/unbind?service=${SERVICE}&environment=release`, `plans/${PLAN}/delete`,
  "services", "services/new", `services/${SERVICE}`, `services/${SERVICE}/edit`, `services/${SERVICE}/bind`,
  `services/${SERVICE}/delete`, "explain", "sign", "activity", "document", "login", "login?next=/console/keys&ended=yes", "plans?q=nothing", "keys?q=acmee",
];

/** What each list says of a document that has nothing in it. */
export const EMPTY = ["", "keys", "plans", "services", "activity", "sign", "plans/new", "services/new"];

/** What a form says that was refused, a request that was explained, and what else only a click shows. */
const STATES = [
  ["keys/new", async (page) => {
    await page.locator("#name").fill("a b");
    await page.locator("#type-custom").check();
    await page.locator("#secret_id").fill("x");
  }],
  ["plans/new", (page) => page.locator("#max_requests_per_second").fill("0")],
  ["services/new", (page) => page.locator("#domains").fill("http://x")],
  [`plans/${PLAN}/keys`, () => {}],
  [`plans/${PLAN}/edit`, (page) => page.locator("#burst").fill("lots")],
  [`plans/${PLAN}/delete`, () => {}],
  [`services/${SERVICE}/edit`, (page) => page.locator("#environments").fill("other")],
  [`services/${SERVICE}/bind`, () => {}],
  ["keys/AKIDacme0001/delete", () => {}],
  ["keys/AKIDacmeEu01/replace", () => {}],
  ["document", (page) => page.locator("#text").fill('{"keys": [{}]}'), "compare"],
  ["document", (page) => page.locator("#text").fill("{}"), "compare"],
  ["document", () => {}, "upload"],
  ["explain", (page) => page.locator("#paste").fill("GET")],
  ["explain", (page) => page.locator("#paste").fill("GET /release/x HTTP/1.1\nHost: orders.example.com\n")],
  ["sign", (page) => page.locator("#url").fill("ftp://x")],
  ["sign", () => {}],
];

/** The language and width of a look, and the colours in which each of its pages is seen, one after the other. */
const LOOKS = [
  { language: "en", width: 1280, colorSchemes: ["light", "dark"] },
  { language: "zh-CN", width: 375, colorSchemes: ["dark", "light"] },
];

/** Looks at each page in each form. */
export async function look(stage, { sessions, shot, pages = PAGES, states = STATES }) {
  for (const { language, width, colorSchemes } of LOOKS) {
    const context = await stage.browser.newContext({ locale: language, viewport: { width, height: 860 } });
    await context.addCookies(sessions);
    await context.addInitScript(axe);
    const page = await context.newPage();
    // A page's colours are those of its style sheet alone, so a change of them loads nothing anew.
    const see = async (name) => {
      for (const colorScheme of colorSchemes) {
        await page.emulateMedia({ colorScheme });
        await check(stage, page, `${name}, ${language}, ${colorScheme}, ${width} px`);
        await shot(page, name, language, colorScheme);
      }
    };
    for (const path of pages) {
      await page.goto(`${stage.origin}/console${path.startsWith("?") || !path ? path : `/${path}`}`);
      await see(path);
    }
    for (const [path, fill, action] of states) {
      await page.goto(`${stage.origin}/console/${path}`);
      const form = page.locator(action ? `form[action$="/${action}"]` : "dialog form, form.explain-form").first();
      await fill(page);
      await form.locator("button.primary, button[type=submit]").last().click();
      await page.waitForLoadState();
      await see(`${path} as it was sent`);
    }
    await context.close();
  }
}

/** Finds nothing wrong with the page that is shown, with all that can be opened open. */
async function check(stage, page, form) {
  const { violations, over, resources } = await page.evaluate(async () => {
    const all = [...document.querySelectorAll("details")];
    all.forEach((details) => { details.open = true; });
    const { violations } = await globalThis.axe.run({ resultTypes: ["violations"] });
    const over = document.documentElement.scrollWidth - innerWidth;
    all.forEach((details) => { details.open = false; });
    return {
      violations: violations.map((violation) => `${violation.id}: ${violation.nodes[0].html}`),
      over,
      resources: performance.getEntriesByType("resource").map((entry) => entry.name),
    };
  });
  assert.deepEqual(violations, [], form);
  assert.ok(over <= 0, `${form}: ${over} px too wide`);
  assert.ok(resources.every((name) => name.startsWith(stage.origin)), `${form}: ${resources}`);
}
