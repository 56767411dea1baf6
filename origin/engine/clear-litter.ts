import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes what a task has left beside its own directory: it would take the room of those that follow. LibreOffice's stays. */
export function clearLitter(root: string): void {
  for (const name of readdirSync(root)) if (name !== "office") rmSync(join(root, name), { recursive: true, force: true });
}
