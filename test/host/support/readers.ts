// Who may open a backup: keys that a test makes for itself, where the program is.
import { execFile, spawnSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const has = (program: string) => spawnSync(program, ["--version"]).status === 0;

export const readers = { age: has("age"), gpg: has("gpg") };

export async function ageReader(folder: string, name: string): Promise<{ recipient: string; identity: string }> {
  const identity = join(folder, name);
  await run("age-keygen", ["-o", identity]);
  return { identity, recipient: /age1\w+/.exec(await readFile(identity, "utf8"))?.[0] ?? "" };
}

/** A key ring of its own. */
export async function gpgReader(folder: string, name: string): Promise<{ recipient: string; GNUPGHOME: string; end(): Promise<unknown> }> {
  const GNUPGHOME = join(folder, name);
  await mkdir(GNUPGHOME, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME };
  const recipient = `${name}@example.org`;
  await run("gpg", ["--batch", "--quiet", "--passphrase", "", "--quick-generate-key", recipient, "future-default", "default", "never"], {
    env,
  });
  return { recipient, GNUPGHOME, end: () => run("gpgconf", ["--kill", "all"], { env }) };
}
