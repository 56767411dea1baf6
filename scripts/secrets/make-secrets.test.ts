import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig, variables } from "#origin/config.ts";
import { giveToContainers } from "./give-to-containers.ts";
import { makeSecrets } from "./make-secrets.ts";
import { secretFiles } from "./secret-files.ts";

const servers = { postgres: "postgres:5432/trusty", redis: "redis:6379" };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trusty-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const names = (files: readonly { name: string }[]) => files.map(({ name }) => name);
const fromCloudflare = ["r2_access_key_id", "r2_secret_access_key"];

test("a fresh set is complete but for what Cloudflare draws, and only its owner may read it", () => {
  const { made, kept, missing } = makeSecrets(folder, servers);
  expect(names(missing)).toEqual(fromCloudflare);
  expect(kept).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(names(made).sort());
  for (const name of names(made)) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
});

test("no secret is ever written over: a second run makes what is missing and nothing else", () => {
  makeSecrets(folder, servers);
  const before = readFileSync(join(folder, "edge_key"), "utf8");
  rmSync(join(folder, "options_key"));
  for (const name of fromCloudflare) writeFileSync(join(folder, name), "4f1d0c");
  const { made, missing } = makeSecrets(folder, servers);
  expect(names(made)).toEqual(["options_key"]);
  expect(missing).toEqual([]);
  expect(readFileSync(join(folder, "edge_key"), "utf8")).toBe(before);
});

test("an empty file is named, and neither used nor filled", () => {
  writeFileSync(join(folder, "edge_key"), "\n");
  expect(() => makeSecrets(folder, servers)).toThrow(`${join(folder, "edge_key")} is empty`);
});

test.runIf(process.getuid?.() === 0)(
  "as root, each file is given to the user of the container that reads it, and what is missing to nobody",
  () => {
    makeSecrets(folder, servers);
    expect(giveToContainers(folder)).toEqual([]);
    const owner = (name: string) => statSync(join(folder, name)).uid;
    expect([owner("edge_key"), owner("database_url"), owner("postgres_password"), owner("redis_password")]).toEqual([
      10_001, 10_001, 999, 999,
    ]);
    expect(statSync(join(folder, "edge_key")).mode & 0o777).toBe(0o600);
    giveToContainers(folder, 100_000);
    expect([owner("edge_key"), owner("redis_password")], "where Docker remaps users").toEqual([110_001, 100_999]);
  },
);

test("the origin starts with the set, and with no secret in its environment", () => {
  makeSecrets(folder, servers);
  for (const name of fromCloudflare) writeFileSync(join(folder, name), "4f1d0c9a7b");
  const read = secretFiles.filter(({ readers }) => readers.includes("origin")).map(({ name }) => name.toUpperCase());
  for (const name of read) expect(variables, name).toHaveProperty(name);
  const environment = {
    PUBLIC_URL: "https://convert.example.org",
    R2_ENDPOINT: "https://account.r2.cloudflarestorage.com",
    ADMIN_EMAIL: "ada@example.org",
    ...Object.fromEntries(read.map((name) => [`${name}_FILE`, join(folder, name.toLowerCase())])),
  };
  const config = parseConfig(environment);
  expect(config.DATABASE_URL).toMatch(/^postgres:\/\/trusty:[0-9a-f]{48}@postgres:5432\/trusty$/);
  expect(config.REDIS_URL).toMatch(/^redis:\/\/:[0-9a-f]{48}@redis:6379$/);
});
