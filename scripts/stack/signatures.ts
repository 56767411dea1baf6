// Which signatures clamd loads: the system's when freshclam has fetched them, otherwise two that know only the EICAR test file.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eicar } from "#origin/scanner/probes.ts";

const systemFolder = "/var/lib/clamav";
const has = (name: string) => ["cvd", "cld"].some((suffix) => existsSync(join(systemFolder, `${name}.${suffix}`)));

export type Signatures = { folder: string; testOnly: boolean };

export function chooseSignatures(testFolder: string): Signatures {
  if (has("main") && has("daily")) return { folder: systemFolder, testOnly: false };
  return testSignatures(testFolder);
}

export function testSignatures(folder: string): Signatures {
  mkdirSync(folder, { recursive: true });
  const md5 = createHash("md5").update(eicar, "latin1").digest("hex");
  writeFileSync(join(folder, "test.hdb"), `${md5}:${eicar.length}:Eicar-Test-Signature\n`);
  writeFileSync(join(folder, "test.ndb"), `Eicar-Body-Test:0:*:${Buffer.from(eicar, "latin1").toString("hex")}\n`);
  return { folder, testOnly: true };
}
