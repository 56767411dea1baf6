import { chmodSync, chownSync, existsSync } from "node:fs";
import { join } from "node:path";
import { secretFiles } from "./secret-files.ts";

/** The users of the images (docker/origin.Dockerfile, docker/compose.yaml). Compose shows a container the host's file, owner and mode included. */
const users = { origin: 10_001, postgres: 999, redis: 999 } as const;

/** What it could not do by itself, as commands. `firstId` is where the containers' users begin on this machine, when Docker remaps them. */
export function giveToContainers(folder: string, firstId = 0): string[] {
  const refused: string[] = [];
  // Containers look files up by their path; what is in them only their owner reads.
  chmodSync(folder, 0o711);
  for (const { name, readers } of secretFiles) {
    const path = join(folder, name);
    const reader = readers.find((each) => each !== "edge");
    if (reader === undefined || !existsSync(path)) continue;
    const id = firstId + users[reader];
    try {
      chownSync(path, id, id);
    } catch {
      refused.push(`sudo chown ${id}:${id} ${path}`);
    }
  }
  return refused;
}
