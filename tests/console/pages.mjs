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
  `services/${SERVICE}/delete`, "explain", "sign", "activity", "document", "login",
];

/** Looks at each page in each form. */
export async function look(stage, { sessions, shot }) {
  for (const [language, colorScheme, width] of [
    ["en", "light", 1280], ["zh-CN", "dark", 375], ["en", "dark", 1280], ["zh-CN", "light", 375],
  ]) {
    const context = await stage.browser.newContext({ locale: language, colorScheme, viewport: { width, height: 860 } });
    await context.addCookies(sessions);
    const page = await context.newPage();
    for (const path of PAGES) {
      const form = `${path}, ${language}, ${colorScheme}, ${width} px`;
      await page.goto(`${stage.origin}/console${path && `/${path}`}`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const found = violations.map((violation) => `${violation.id}: ${violation.nodes[0].html}`);
      assert.deepEqual(found, [], form);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${form}: ${over} px too wide`);
      const resources = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
      assert.ok(resources.every((name) => name.startsWith(stage.origin)), `${form}: ${resources}`);
      await shot(page, path, language, colorScheme);
    }
    await context.close();
  }
}
