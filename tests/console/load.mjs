// Callers of a stage's Envoy, with signed requests that are sent again and again.

import { execFileSync } from "node:child_process";
import { Agent, request } from "node:http";

const HOST = "orders.example.com";
const PATH = "/release/ready";
/** How long a signed request is sent; its date is good for much longer. */
const FRESH_MS = 60_000;

/** A caller with a key pair, as it signs a request of its own. */
export function caller(stage, secretId, secretKey) {
  const [host, port] = stage.ingress.split(":");
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let signed = {};
  const headers = () => {
    if (!(Date.now() - signed.at < FRESH_MS)) {
      const { headers } = JSON.parse(execFileSync(process.env.USAGE_PLAN, [
        "sign", "--secret-id", secretId, "--secret-key", "-", "--signed-headers", "x-date host", "--output", "json",
        `http://${HOST}${PATH}`,
      ], { cwd: stage.directory, input: secretKey, encoding: "utf8" }));
      signed = { at: Date.now(), headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])) };
    }
    return { host: HOST, ...signed.headers };
  };
  return {
    /** Sends so many requests at once, and returns how many were answered with each status. */
    async send(count) {
      const one = () => new Promise((resolve, reject) => {
        const call = request({ host, port, path: PATH, agent, headers: headers() }, (answer) => {
          answer.resume();
          answer.on("end", () => resolve(answer.statusCode));
        });
        call.on("error", reject);
        call.end();
      });
      const statuses = {};
      for (const status of await Promise.all(Array.from({ length: count }, one))) {
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
      return statuses;
    },
    close: () => agent.destroy(),
  };
}
