// Drives the console in a headless Chromium. `node main.mjs PICTURES` also keeps the pictures of the guide.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DOCUMENT, change } from "./changes.mjs";
import { look } from "./pages.mjs";
import { open } from "./stage.mjs";
import { walk } from "./walks.mjs";

const pictures = process.argv[2];
if (pictures) mkdirSync(pictures, { recursive: true });

/** The pictures of docs/console.md. */
const GUIDE = ["overview", "keys", "key-created", "bind-keys", "service", "conflict", "conflict.zh"];

/** Keeps a picture that the guide shows. */
const keep = async (page, name) => {
  if (pictures && GUIDE.includes(name)) await page.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
};

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
  const stage = await open(document);
  try {
    await work(stage, await signIn(stage));
    console.log(`ok: ${name}`);
  } finally {
    await stage.close();
  }
}

for (const language of ["en", "zh-CN"]) {
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
await on(document, "every page in both colours, on a desk and on a phone", (stage, sessions) => look(stage, {
  sessions,
  async shot(page, path, language, colorScheme) {
    if (language === "en" && colorScheme === "light") await keep(page, path === "" ? "overview" : path);
  },
}));
await on({}, "every page of an empty document", (stage, sessions) => look(stage, { sessions, isEmpty: true, async shot() {} }));
