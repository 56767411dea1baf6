// Draws the secrets of docker/compose.dev.yaml once, into its volume; what is there stays.
import { randomBytes } from "node:crypto";
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSecrets } from "../secrets/make-secrets.ts";
import { testSignatures } from "../stack/signatures.ts";

const folder = "/run/secrets";
const { missing } = makeSecrets(folder, { postgres: "postgres:5432/trusty", redis: "redis:6379" });
// The emulated R2 takes whatever credentials it is started with.
for (const { name } of missing) writeFileSync(join(folder, name), randomBytes(24).toString("hex"));
testSignatures(join(folder, "test-signatures"));
// Each container is another user, and each reads this volume.
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
  chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
chmodSync(folder, 0o755);
