// Holds ledger, jobs and counters against each other, per account and month; what differs is printed and ends it with code 1.
//   npm run reconcile [-- --repair]     against DATABASE_URL, or else the local stack
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { SignJWT } from "jose";
import { assertionAudience, assertionHeader, assertionIssuer, assertionLifetimeSeconds } from "#contract/assertion.ts";
import { openDatabase } from "#origin/db/database.ts";
import { readSecret, withSecretFiles } from "#origin/secret-files.ts";
import { Reconciliation, reconcile } from "#origin/usage/reconcile.ts";
import { tellBooks } from "#origin/usage/tell-books.ts";
import { readArguments } from "./read-arguments.ts";
import { placesOf } from "./stack/places.ts";
import { bootId } from "./stack/processes.ts";
import { readSecrets } from "./stack/secrets.ts";
import { runningStack } from "./stack/stack-file.ts";

try {
  const { values } = readArguments(import.meta.filename, { options: { repair: { type: "boolean", default: false } } });
  process.exitCode = tellBooks(await reconciled(values.repair));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function reconciled(repair: boolean): Promise<Reconciliation> {
  const { environment, faults } = withSecretFiles(["DATABASE_URL"], process.env, readSecret);
  if (faults.size > 0) throw new Error([...faults.values()].join("\n").trim());
  const url = environment.DATABASE_URL || undefined;
  const places = placesOf(process.env);
  if (url === undefined && runningStack(places.stackFile, bootId())) return askOrigin(places, repair);
  const dataDir = places.data("database");
  if (url === undefined && !existsSync(dataDir))
    throw new Error("There is no stack on this machine yet, and DATABASE_URL names no database.");
  const database = await openDatabase({ url, dataDir, onError: () => {} });
  try {
    if (await database.outdated()) throw new Error("The database lacks migrations of this release: run the role `migrate` first.");
    return await reconcile(database.db, { repair });
  } finally {
    await database.close();
  }
}

/** The embedded database belongs to the running origin. */
async function askOrigin({ ports, state }: ReturnType<typeof placesOf>, repair: boolean): Promise<Reconciliation> {
  const path = `/internal/reconcile?repair=${repair ? 1 : 0}`;
  const { edgeKey } = await readSecrets(state);
  const assertion = await new SignJWT({ address: "127.0.0.1", method: "POST", path, body_sha256: createHash("sha256").digest("hex") })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(assertionIssuer)
    .setAudience(assertionAudience)
    .setIssuedAt()
    .setExpirationTime(`${assertionLifetimeSeconds}s`)
    .sign(Buffer.from(edgeKey));
  const response = await fetch(`http://127.0.0.1:${ports.origin}${path}`, { method: "POST", headers: { [assertionHeader]: assertion } });
  if (!response.ok) throw new Error(`The origin answers ${response.status}: ${await response.text()}`);
  return Reconciliation.parse(await response.json());
}
