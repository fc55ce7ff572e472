// What a walk needs: a server with a document, and an Envoy that subscribes to it.

import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.mjs";

const { USAGE_PLAN, ENVOY, MODULE } = process.env;

/** Starts everything on ports that nobody has. Where a part ends at once, so does the start, and says which. */
export async function open(document) {
  const directory = mkdtempSync(join(tmpdir(), "console-"));
  const children = [];
  let fail = () => {};
  const failed = new Promise((_, reject) => { fail = reject; });
  const start = (program, args, options = {}) => {
    const child = spawn(program, args, { cwd: directory, ...options });
    child.once("error", fail);
    child.once("exit", (status, signal) => fail(new Error(`${program} has ended: ${signal ?? `status ${status}`}`)));
    children.push(child);
    return child;
  };
  const close = () => {
    children.forEach((child) => child.kill("SIGKILL"));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    writeFileSync(join(directory, "usage-plans.json"), JSON.stringify(document));
    return { ...await Promise.race([serve(directory, start), failed]), directory, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A server, and an Envoy that has its document. */
async function serve(directory, start) {
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
  const options = ["-c", "envoy.yaml", "--concurrency", "2", "--use-dynamic-base-id", "--log-level", "error"];
  start(ENVOY, options, { stdio: ["ignore", "ignore", "inherit"] });
  await until(async () => (await fetch(`http://${serving.listen}/envoys`)).json(),
    (shown) => shown.subscribers.length === 1 && shown.subscribers[0].in_force !== null);
  return { link, origin: new URL(link).origin, ingress: `127.0.0.1:${ingress}` };
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
