// The console with an Envoy and callers, until Ctrl-C.

import { readFileSync } from "node:fs";
import { caller } from "./load.mjs";
import { open } from "./stage.mjs";

/** How long a wave of the load takes, in seconds. */
const WAVE = 240;

const document = JSON.parse(readFileSync(new URL("document.json", import.meta.url), "utf8"));
document.options = { ...document.options, metrics_per_key: true };
// A quota that somebody sees filling up.
document.usage_plans.find((plan) => plan.name === "silver").quotas = [{ max_requests: 3000, period: "hour" }];
const stage = await open(document);
console.log(`sign in, once: ${stage.link}\nEnvoy listens at ${stage.ingress}. Ctrl-C ends it.
The first numbers are in the charts after 20 seconds.`);

const [acme, beta, acmeEu] = document.keys;
/** Who calls, and how often a second at the top of the wave: beta more than its plan admits. */
const callers = [
  [caller(stage, acme.secret_id, acme.secret_key), 24],
  [caller(stage, beta.secret_id, beta.secret_key), 30],
  [caller(stage, acmeEu.secret_id, acmeEu.secret_key), 9],
  [caller(stage, acme.secret_id, "another-secret-key-1"), 3],
];

let isOver = false;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => { isOver = true; });
for (let second = 0; !isOver; second += 1) {
  const height = 0.6 + 0.4 * Math.sin((2 * Math.PI * second) / WAVE);
  const pause = new Promise((resolve) => setTimeout(resolve, 1000));
  await Promise.all([pause, ...callers.map(([one, most]) => one.send(Math.round(most * height)).catch(() => {}))]);
}
callers.forEach(([one]) => one.close());
stage.close();
