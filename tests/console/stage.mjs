// What a walk needs: a server with a document, and an Envoy that subscribes to it.

import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { USAGE_PLAN, ENVOY, MODULE } = process.env;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts everything on ports that nobody has. */
export async function open(document) {
  const directory = mkdtempSync(join(tmpdir(), "console-"));
  const children = [];
  const start = (program, args, options = {}) => {
    const child = spawn(program, args, { cwd: directory, ...options });
    children.push(child);
    return child;
  };
  writeFileSync(join(directory, "usage-plans.json"), JSON.stringify(document));
  const [ingress, admin] = [await freePort(), await freePort()];
  const events = lines(start(USAGE_PLAN, [
    "serve", "--listen", "127.0.0.1:0", "--xds", "127.0.0.1:0", "--module", MODULE, "--admin", `127.0.0.1:${admin}`,
    "--output", "json",
  ]));
  const serving = await events.find((event) => event.event === "serving");
  const { link } = await events.find((event) => event.event === "console");
  const rendered = execFileSync(USAGE_PLAN, [
    "render", "--to", "xds", "--server", serving.xds, "--listen", `127.0.0.1:${ingress}`,
    "--admin", `127.0.0.1:${admin}`, "--upstream", `127.0.0.1:${admin}`,
  ], { cwd: directory });
  writeFileSync(join(directory, "envoy.yaml"), rendered);
  start(ENVOY, ["-c", "envoy.yaml", "--concurrency", "2", "--use-dynamic-base-id", "--log-level", "error"], { stdio: "ignore" });
  await until(async () => (await fetch(`http://${serving.listen}/envoys`)).json(),
    (shown) => shown.subscribers.length === 1 && shown.subscribers[0].in_force !== null);
  return {
    link,
    origin: new URL(link).origin,
    ingress: `127.0.0.1:${ingress}`,
    directory,
    close() {
      children.forEach((child) => child.kill("SIGKILL"));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The events that a process prints, one in each line. */
function lines(child) {
  const seen = [];
  let rest = "";
  let wake = () => {};
  child.stderr.pipe(process.stderr);
  child.stdout.on("data", (data) => {
    const parts = (rest + data).split("\n");
    rest = parts.pop();
    seen.push(...parts.map((line) => JSON.parse(line)));
    wake();
  });
  return {
    async find(isMeant) {
      for (;;) {
        const found = seen.find(isMeant);
        if (found) return found;
        await new Promise((resolve) => { wake = resolve; });
      }
    },
  };
}

/** Asks until the answer is what it must become. */
export async function until(ask, isThere) {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && isThere(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The status that a curl command is answered with. */
export function statusOf(command) {
  const answer = execFileSync("bash", ["-c", `${command} --silent`], { encoding: "utf8" });
  return Number(answer.split(" ")[1]);
}
