// Converts a file over the whole public path. Exit code 0 only with a file.
//   npm run convert -- FILE --to pdf|png|jpeg|webp|tiff|txt [--out FILE|FOLDER] [--pages 1-3] [--option name=value …]
//                      [--account acme] [--tier premium] [--token TOKEN] [--address URL]
import { join, resolve } from "node:path";
import { z } from "zod";
import { AccountId } from "#contract/ids.ts";
import type { NewApiKey } from "#contract/keys.ts";
import { TierName } from "#contract/tiers.ts";
import { convert } from "./convert/convert.ts";
import { progressLine } from "./convert/progress-line.ts";
import { notUnderstood, readArguments } from "./read-arguments.ts";
import { localKey } from "./stack/local-key.ts";
import { placesOf } from "./stack/places.ts";
import { bootId } from "./stack/processes.ts";
import { readSecrets } from "./stack/secrets.ts";
import { runningStack } from "./stack/stack-file.ts";

/** npm runs scripts in the repository; paths are meant from where the user stands. */
const here = process.env.INIT_CWD ?? process.cwd();
const line = progressLine();
const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => interrupt.abort(new Error("Stopped.")));

try {
  const text = { type: "string" } as const;
  const { values, positionals } = readArguments(import.meta.filename, {
    allowPositionals: true,
    options: {
      ...{ to: text, out: text, pages: text, account: text, tier: text, token: text, address: text },
      option: { type: "string", multiple: true },
    },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) notUnderstood(import.meta.filename, "It takes one FILE.");
  if (values.to === undefined) notUnderstood(import.meta.filename, "--to says what to make of it.");
  const address = values.address ?? runningStack(placesOf(process.env).stackFile, bootId())?.address ?? "http://127.0.0.1:8787";
  const own = values.token === undefined ? await ownKey(values.account, values.tier) : undefined;
  const token = values.token ?? own?.key ?? "";
  const { files, job } = await convert({
    address,
    token,
    path: resolve(here, path),
    to: values.to,
    ...(values.pages !== undefined && { pages: values.pages }),
    ...(values.out !== undefined && { out: values.out.startsWith("/") ? values.out : join(here, values.out) }),
    options: values.option ?? [],
    here,
    signal: interrupt.signal,
    progress: line.show,
  }).finally(() => own && forget(address, own));
  line.clear();
  for (const { code, detail } of job.warnings) console.error(`warning: ${detail} (${code})`);
  for (const file of files) console.log(file);
} catch (error) {
  line.clear();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function ownKey(account = "acme", tier = "premium"): Promise<NewApiKey> {
  const who = z.object({ account: AccountId, tier: TierName }).safeParse({ account, tier });
  if (!who.success) notUnderstood(import.meta.filename, who.error);
  const { state, ports } = placesOf(process.env);
  const { edgeKey } = await readSecrets(state);
  return localKey({ originPort: ports.origin, edgeKey }, { ...who.data, minutes: 60 });
}

/** An account may have a hundred keys, and each call makes one. */
async function forget(address: string, { id, key }: NewApiKey): Promise<void> {
  await fetch(new URL(`/v1/keys/${id}`, address), { method: "DELETE", headers: { authorization: `Bearer ${key}` } }).catch(() => {});
}
