// The whole system, as `npm start` runs it, in a folder and on ports of its own, with clamd's test signatures.
import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tierDefaults } from "#contract/tiers.ts";
import { api } from "#scripts/convert/api.ts";
import { localKey } from "#scripts/stack/local-key.ts";
import { type Places, placesOf } from "#scripts/stack/places.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { startStack } from "#scripts/stack/stack.ts";
import { descendants } from "#test/engine/support/processes.ts";

/** Of the tier free, whose deadline is the shortest. */
const tier = "free";
/** The documents are hostile, not their number. */
const { requests, reads, jobs, jobs_running_max, jobs_queued_max, conversions_per_month, pages_per_month } = tierDefaults.enterprise;
const unhurried = { requests, reads, jobs, jobs_running_max, jobs_queued_max, conversions_per_month, pages_per_month };

export async function startHouse(inherited: Record<string, string | undefined>, signal?: AbortSignal) {
  const state = await mkdtemp(join(tmpdir(), "hostile-"));
  const standard = placesOf({ TRUSTY_STATE: state });
  const ports = { ...standard.ports };
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  const places: Places = { ...standard, ports };
  const stack = await startStack({ places, inherited, boxes: { office: 2, light: 2 }, log: () => {}, ...(signal && { signal }) });
  const { key: token } = await localKey(
    { originPort: ports.origin, edgeKey: stack.secrets.edgeKey },
    { account: "hostile", tier, minutes: 120, limits: unhurried },
  );
  const pids = (prefix: string) => stack.parts.filter(({ part }) => part.name.startsWith(prefix)).flatMap(({ pid }) => pid ?? []);
  return {
    state,
    places,
    secrets: stack.secrets,
    api: api({ address: stack.address, token }),
    boxSockets: stack.parts.flatMap(({ part }) => (part.name.startsWith("box") ? join(places.sockets, part.name, "box.sock") : [])),
    /** Every process of the system now. */
    processes: () => pids("").flatMap((pid) => [{ pid, parent: 0, name: nameOf(pid) }, ...descendants(pid)]),
    /** Those of the boxes. */
    boxProcesses: () => pids("box").flatMap((pid) => descendants(pid)),
    stop: () => stack.stop(),
  };
}

export type House = Awaited<ReturnType<typeof startHouse>>;

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "gone";
  }
}
