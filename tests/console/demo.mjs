// The console with an Envoy and callers, until Ctrl-C.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { open } from "./stage.mjs";

const document = JSON.parse(readFileSync(new URL("document.json", import.meta.url), "utf8"));
const stage = await open(document, { browser: false });
console.log(`sign in, once: ${stage.link}\nEnvoy listens at ${stage.ingress}. Ctrl-C ends it.`);

/** A call with a key, as its caller makes it. */
function call(secretId, secretKey, path) {
  const { headers } = JSON.parse(execFileSync(process.env.USAGE_PLAN, [
    "sign", "--secret-id", secretId, "--secret-key", "-", "--signed-headers", "x-date host", "--output", "json",
    `http://orders.example.com${path}`,
  ], { cwd: stage.directory, input: secretKey, encoding: "utf8" }));
  const lines = headers.flatMap(({ name, value }) => ["--header", `${name}: ${value}`]);
  execFileSync("curl", [
    "--silent", "--output", "/dev/null", "--connect-to", `::${stage.ingress}`, ...lines, `http://orders.example.com${path}`,
  ]);
}

let isOver = false;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => { isOver = true; });
while (!isOver) {
  for (const key of document.keys.slice(0, 3)) call(key.secret_id, key.secret_key, "/release/ready");
  call(document.keys[0].secret_id, "another-secret-key-1", "/release/ready");
  await new Promise((resolve) => setTimeout(resolve, 500));
}
await stage.close();
