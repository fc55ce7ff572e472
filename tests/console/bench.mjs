// What a list page of 10,000 keys costs the server: CPU time and bytes.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TIMES = 200;
/** Of a second, in which Linux counts CPU time. */
const TICKS = 100;

const directory = mkdtempSync(join(tmpdir(), "console-bench-"));
const keys = Array.from({ length: 10_000 }, (_, n) => ({
  name: `caller-${n}`, secret_id: `AKIDcaller${String(n).padStart(6, "0")}`, secret_key: `secret-key-${String(n).padStart(8, "0")}`,
}));
const plans = Array.from({ length: 100 }, (_, n) => ({
  id: `plan-${n}`, name: `plan_${n}`, max_requests_per_second: 50, keys: keys.slice(n * 50, n * 50 + 50).map((key) => key.secret_id),
}));
writeFileSync(join(directory, "usage-plans.json"), JSON.stringify({ keys, usage_plans: plans }));
const server = spawn(process.env.USAGE_PLAN, ["serve", "--listen", "127.0.0.1:0", "--output", "json"], { cwd: directory });
let printed = "";
const link = await new Promise((resolve) => {
  server.stdout.on("data", (data) => {
    printed += data;
    const found = printed.match(/"link":"([^"]+)"/);
    if (found) resolve(found[1]);
  });
});
const opened = await fetch(link, { redirect: "manual" });
const cookie = opened.headers.get("set-cookie").split(";")[0];

const seconds = () => {
  const fields = readFileSync(`/proc/${server.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

for (const path of ["keys", "keys?page=200", "keys?q=caller-99&sort=state", "plans/plan-7/keys"]) {
  const get = async () => (await fetch(`${new URL(link).origin}/console/${path}`, { headers: { cookie } })).text();
  const page = await get();
  const before = seconds();
  for (let time = 0; time < TIMES; time += 1) await get();
  const cpu = ((seconds() - before) * 1000) / TIMES;
  console.log(`/console/${path}: ${cpu.toFixed(1)} ms of CPU, ${Buffer.byteLength(page)} bytes`);
}
server.kill("SIGTERM");
rmSync(directory, { recursive: true, force: true });
