// Ports that nobody has, given out as the testbed does (tests/testbed/ports.rs), which may run at the same time.

import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that Linux gives to whoever asks for any, or one of these could be given away before Envoy has it. */
const [FIRST, END] = [20_000, 32_768];
/** How many ports a process takes at a time. It listens on the first of them until it ends, so no other takes any. */
const BLOCK = 64;

/** A server on that port of loopback, or none where somebody listens. It keeps no process from ending. */
const listen = (port) => new Promise((resolve) => {
  const server = createServer().unref();
  server.once("error", () => resolve(undefined));
  server.listen(port, "127.0.0.1", () => resolve(server));
});

async function* free() {
  const number = Math.floor((END - FIRST) / BLOCK);
  const random = Math.floor(Math.random() * number);
  for (let block = 0; block < number; block += 1) {
    const first = FIRST + ((random + block) % number) * BLOCK;
    if (!await listen(first)) continue;
    for (let port = first + 1; port < first + BLOCK; port += 1) {
      const server = await listen(port);
      if (!server) continue;
      server.close();
      await once(server, "close");
      yield port;
    }
  }
  throw new Error(`no ports of ${FIRST} to ${END} are free`);
}

const ports = free();

/** A port that nobody listens on, and that this process does not get again. */
export const freePort = async () => (await ports.next()).value;
