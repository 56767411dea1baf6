import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SecretFile, type Servers, secretFiles } from "./secret-files.ts";

export type MadeSecrets = { made: SecretFile[]; kept: SecretFile[]; missing: SecretFile[] };

/** Makes what is not there yet, each file for its owner only. What is there is never written over. */
export function makeSecrets(folder: string, servers: Servers): MadeSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const outcome: MadeSecrets = { made: [], kept: [], missing: [] };
  const found = (name: string) => readFileSync(join(folder, name), "utf8").trim();
  for (const file of secretFiles) {
    const path = join(folder, file.name);
    if (isThere(path)) outcome.kept.push(file);
    else if (file.draw === undefined) outcome.missing.push(file);
    else {
      // `wx` fails where a file has come to be in the meantime.
      writeFileSync(path, `${file.draw(found, servers)}\n`, { mode: 0o600, flag: "wx" });
      chmodSync(path, 0o600);
      outcome.made.push(file);
    }
  }
  return outcome;
}

function isThere(path: string): boolean {
  try {
    return readFileSync(path, "utf8").trim() !== "" || refuseEmpty(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "ENOENT") return false;
    throw new Error(`${path} cannot be read (${error.code})`, { cause: error });
  }
}

function refuseEmpty(path: string): never {
  throw new Error(`${path} is empty; write its secret into it, or remove it.`);
}
