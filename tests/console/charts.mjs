// What the charts show of a load that Envoy answered.

import assert from "node:assert/strict";
import { caller } from "./load.mjs";
import { until } from "./stage.mjs";

/** The page of the plan that is drawn, and of a key that is refused. */
export const CHARTS = ["?range=hour", "?range=day", "?range=month", "plans/usagePlan-k0udxjgp?range=hour",
  "plans/usagePlan-silver01?range=day", "keys/AKIDbeta0002?range=hour"];

/** The numbers in the table of a page's chart: each column's sum, by its head. */
async function sums(page) {
  return page.evaluate(() => {
    const table = globalThis.document.querySelector(".as-table table");
    const texts = (row) => [...row.cells].map((cell) => cell.textContent);
    const [, ...heads] = texts(table.tHead.rows[0]);
    const all = Object.fromEntries(heads.map((head) => [head, 0]));
    for (const row of table.tBodies[0].rows) {
      const [, ...numbers] = texts(row);
      if (numbers.length !== heads.length) continue;
      heads.forEach((head, index) => { all[head] += Number(numbers[index].replaceAll(",", "")); });
    }
    return all;
  });
}

/** Sends a load with minutes of waves before it, and finds its numbers in the console. */
export async function charts(stage, { document, sessions, minutes }) {
  const [acme, beta] = document.keys;
  const callers = [
    [caller(stage, acme.secret_id, acme.secret_key), 40],
    [caller(stage, beta.secret_id, beta.secret_key), 60],
    [caller(stage, acme.secret_id, "another-secret-key-1"), 7],
  ];
  const answered = callers.map(() => ({ 200: 0, 401: 0, 429: 0 }));
  const send = async (share) => {
    const sent = await Promise.all(callers.map(([one, most]) => one.send(Math.round(most * share))));
    sent.forEach((statuses, index) => Object.entries(statuses).forEach(([status, count]) => { answered[index][status] += count; }));
  };
  for (let second = 0; second < minutes * 60; second += 1) {
    const pause = new Promise((resolve) => setTimeout(resolve, 1000));
    await Promise.all([pause, send(0.35 + 0.2 * Math.sin(second / 40) + 0.15 * Math.sin(second / 7))]);
  }
  await send(1);
  callers.forEach(([one]) => one.close());
  const all = (status) => answered.reduce((sum, statuses) => sum + statuses[status], 0);
  assert.ok([200, 401, 429].every((status) => all(status) > 0), JSON.stringify(answered));

  const context = await stage.browser.newContext({ locale: "en", javaScriptEnabled: true });
  await context.addCookies(sessions);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  const overview = `${stage.origin}/console?range=hour`;
  const expected = { Admitted: all(200), "Over the rate": all(429), "Quota spent": 0, "Not authenticated": all(401) };
  const total = (sums) => Object.values(sums).reduce((sum, count) => sum + count, 0);
  // Envoys are asked every 10 seconds.
  const shown = await until(async () => {
    await page.goto(overview);
    return sums(page);
  }, (sums) => total(sums) >= total(expected));
  assert.deepEqual(shown, expected);
  const legend = await page.locator(".legend dd").evaluateAll((numbers) => numbers.map((number) => number.firstChild.textContent.trim()));
  assert.deepEqual(legend.map((number) => Number(number.replaceAll(",", ""))), Object.values(expected));
  const label = await page.locator("svg.plot").first().getAttribute("aria-label");
  assert.match(label, new RegExp(`^Admitted, .* ${all(200).toLocaleString("en")} in all$`));
  for (const range of ["24 hours", "30 days"]) {
    await page.getByRole("link", { name: range, exact: true }).click();
    assert.deepEqual(await sums(page), expected, range);
  }
  const refused = page.locator("section[aria-labelledby=refused] tbody tr").first();
  assert.match(await refused.innerText(), /^beta\s+AKIDbeta0002\s+Over the rate\s+/);

  await page.goto(`${stage.origin}/console/plans/usagePlan-silver01?range=hour`);
  const plan = await sums(page);
  assert.deepEqual([plan.Admitted, plan["Over the rate"]], [answered[1][200], answered[1][429]]);
  assert.equal(await page.locator("svg.plot .limit").count(), 1, "the limit is drawn");
  await page.goto(`${stage.origin}/console/keys/${beta.secret_id}?range=hour`);
  assert.deepEqual(await sums(page), { ...expected, Admitted: answered[1][200], "Over the rate": answered[1][429], "Not authenticated": 0 });
  assert.deepEqual(complaints, [], "the browser has nothing to complain of");
  await context.close();
}
