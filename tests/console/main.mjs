// Drives the console in a headless Chromium. `node main.mjs PICTURES` also keeps the pictures of the guide, and
// `node main.mjs PICTURES NAME …` only those, from the runs that make them.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { DOCUMENT, change } from "./changes.mjs";
import { CHARTS, charts } from "./charts.mjs";
import { EMPTY, look } from "./pages.mjs";
import { open } from "./stage.mjs";
import { walk } from "./walks.mjs";

const [pictures, ...only] = process.argv.slice(2);
if (pictures) mkdirSync(pictures, { recursive: true });

/** The pictures of docs/console.md, by the run that makes them. */
const GUIDE = {
  walks: ["key-created", "bind-keys", "service", "conflict", "conflict.zh", "activity"],
  charts: ["overview", "plan", "key"],
  pages: ["keys", "login", "plans", "services", "explain", "sign", "document"],
};
/** The pages that a picture has, and the form that was sent. */
const PAGES_IN_GUIDE = {
  "keys": "keys", "login": "login", "plans": "plans", "services": "services",
  "explain as it was sent": "explain", "sign": "sign", "document": "document",
};
/** Whether a run is wanted: it makes a picture that is, or no picture is named. */
const wanted = (run) => only.length === 0 || GUIDE[run].some((name) => only.includes(name));
/** For how many minutes callers call before the charts are drawn. */
const MINUTES = Number(process.env.LOAD_MINUTES ?? (pictures ? 12 : 0));

/** Keeps a picture that the guide shows. */
const keep = async (page, name) => {
  const isKept = only.length === 0 ? Object.values(GUIDE).flat().includes(name) : only.includes(name);
  if (pictures && isKept) await page.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
};

/** What Chromium is without a window takes less of the processor: for the walks, 88 s instead of 136. */
const BROWSERS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

/** One browser for all runs: each has contexts of its own, which share no cookie and no cache. */
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path)) ?? BROWSERS[0],
  args: ["--no-sandbox"],
});

/** Signs in by the link that is printed, and returns the cookies. */
async function signIn(stage) {
  const context = await stage.browser.newContext();
  const page = await context.newPage();
  await page.goto(stage.link);
  const cookies = await context.cookies();
  await context.close();
  return cookies.filter((cookie) => cookie.name === "usage-plan-session");
}

async function on(document, name, work) {
  const stage = { ...await open(document), browser };
  try {
    await work(stage, await signIn(stage));
    console.log(`ok: ${name}`);
  } finally {
    stage.close();
  }
}

for (const language of wanted("walks") ? ["en", "zh-CN"] : []) {
  for (const script of [true, false]) {
    const name = `the walks in ${language} ${script ? "with" : "without"} script`;
    const shot = async (page, shown) => {
      if (script) await keep(page, language === "en" ? shown : `${shown}.zh`);
    };
    await on({}, name, (stage, sessions) => walk(stage, { language, script, sessions, shot }));
    await on(DOCUMENT, `the changes in ${language} ${script ? "with" : "without"} script`,
      (stage, sessions) => change(stage, { language, script, sessions }));
  }
}

const document = JSON.parse(readFileSync(new URL("document.json", import.meta.url), "utf8"));
const inGuide = (names) => async (page, path, language, colorScheme) => {
  if (names[path] && language === "en" && colorScheme === "light") await keep(page, names[path]);
};

if (wanted("pages")) {
  await on(document, "every page in both colours, on a desk and on a phone", (stage, sessions) => look(stage, {
    sessions, shot: inGuide(PAGES_IN_GUIDE),
  }));
  await on({}, "every page of an empty document", (stage, sessions) => look(stage, {
    sessions, pages: EMPTY, states: [], shot: inGuide({}),
  }));
}

if (wanted("charts")) {
  const counted = { ...document, options: { ...document.options, metrics_per_key: true } };
  await on(counted, "the charts of a load, in both colours, on a desk and on a phone", async (stage, sessions) => {
    await charts(stage, { document: counted, sessions, minutes: MINUTES });
    const [overview, , , plan, , key] = CHARTS;
    const names = { [overview]: "overview", [plan]: "plan", [key]: "key" };
    await look(stage, { sessions, pages: CHARTS, states: [], shot: inGuide(names) });
  });
}

await browser.close();
