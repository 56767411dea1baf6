import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** Of the local stack, made once. */
export const Secrets = z.object({
  edgeKey: z.string(),
  optionsKey: z.string(),
  redisPassword: z.string(),
  r2AccessKeyId: z.string(),
  r2SecretAccessKey: z.string(),
  authSecret: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

const fileIn = (state: string) => join(state, "secrets.json");

const make = (): Secrets => ({
  edgeKey: randomBytes(32).toString("hex"),
  optionsKey: randomBytes(32).toString("base64"),
  redisPassword: randomBytes(24).toString("hex"),
  r2AccessKeyId: randomBytes(16).toString("hex"),
  r2SecretAccessKey: randomBytes(32).toString("hex"),
  authSecret: randomBytes(32).toString("base64"),
});

export async function readSecrets(state: string): Promise<Secrets> {
  const text = await readFile(fileIn(state), "utf8").catch(() => undefined);
  if (text === undefined) throw new Error(`There are no keys in ${state} yet; npm start makes them.`);
  return Secrets.parse(JSON.parse(text));
}

/** What is there is kept, because queued jobs hold options encrypted with it; what an older release did not have is added. */
export async function readOrMakeSecrets(state: string): Promise<Secrets> {
  const text = await readFile(fileIn(state), "utf8").catch(() => "{}");
  const secrets = Secrets.parse({ ...make(), ...JSON.parse(text) });
  const written = `${JSON.stringify(secrets, null, 2)}\n`;
  if (written !== text) await writeFile(fileIn(state), written, { mode: 0o600 });
  return secrets;
}
