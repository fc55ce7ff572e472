// Somebody who reads the console in a browser, in a language, with or without script, and what they click.

import assert from "node:assert/strict";

/** Opens a browser with a session. */
export async function read(stage, { language, script, sessions }) {
  const context = await stage.browser.newContext({
    locale: language, javaScriptEnabled: script, viewport: { width: 1280, height: 860 },
  });
  await context.addCookies(sessions);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  let clicks = 0;
  const click = async (locator) => {
    clicks += 1;
    await locator.click();
  };
  return {
    page,
    click,
    go: (path) => page.goto(`${stage.origin}/console/${path}`),
    button: (name) => page.getByRole("button", { name, exact: true }),
    link: (name) => page.getByRole("link", { name, exact: true }),
    room: (name) => page.locator("nav.nav").getByRole("link", { name }),
    pick: (name) => page.locator("label.pick").filter({ has: page.locator("b").getByText(name, { exact: true }) }).locator("input"),
    async says(...texts) {
      const said = (await page.locator("body").innerText()).replace(/\s+/g, " ");
      for (const text of texts) {
        assert.ok(said.includes(text), `the page does not say ${JSON.stringify(text)}: ${said}`);
      }
    },
    /** What is done takes no more clicks than the manual's list. */
    async inClicks(most, name, work) {
      clicks = 0;
      await work();
      assert.ok(clicks <= most, `${name}: ${clicks} clicks, not ${most}`);
    },
    /** A refusal is answered with 422, which a browser says as well; otherwise it has nothing to complain of. */
    async close() {
      assert.deepEqual(complaints.filter((text) => !text.includes("422")), [], "the browser has nothing to complain of");
      await context.close();
    },
  };
}

/** The request that a curl command sends, as `curl -v` would print it. */
export function requestOf(command) {
  const url = new URL(/https?:\/\/[^\s']+/.exec(command)[0]);
  const headers = [...command.matchAll(/--header '([^']*)'/g)].map((found) => found[1]);
  return [`GET ${url.pathname} HTTP/1.1`, "Host: shop.example.com", ...headers, "", ""].join("\r\n");
}
