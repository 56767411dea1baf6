import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes what a task or an earlier LibreOffice has left in a folder: it would take the room of those that follow, and it is a customer's. */
export function clearLitter(folder: string, kept: readonly (string | undefined)[] = []): void {
  for (const name of readdirSync(folder))
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
}
