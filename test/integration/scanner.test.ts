// A clamd that does not read what the service promises to have read is noticed, before anything is converted on its word.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { fileBytesMaxOfAllTiers } from "#contract/tiers.ts";
import { parseConfig } from "#origin/config.ts";
import { openLog } from "#origin/log.ts";
import { clamd } from "#origin/scanner/clamd.ts";
import { wire } from "#origin/wire.ts";
import { startClamd } from "#test/support/clamd.ts";
import { type Started, temporaryFolder } from "#test/support/start-part.ts";

type Clamd = Awaited<ReturnType<typeof startClamd>>;
let running: Started[] = [];
let folder: string;

const start = async (options: Parameters<typeof startClamd>[0]): Promise<Clamd> => {
  const one = await startClamd(options);
  running.push(one);
  return one;
};
const scannerAt = (addresses: string[], onMisfit: (misfit: string) => void = () => {}) =>
  clamd({ addresses, allowTestSignatures: true, signaturesAgeMaxMs: 1, onMisfit });

const soon = () => AbortSignal.timeout(60_000);

beforeAll(async () => {
  folder = await temporaryFolder("scanner");
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a clamd with the settings of docs/scanner.md is ready", async () => {
  const { url } = await start({});
  const scanner = scannerAt([url]);
  expect(await scanner.misfits()).toEqual([]);
  await scanner.ready();
});

const smaller = `${fileBytesMaxOfAllTiers - 1}`;

test.each([
  [{ StreamMaxLength: smaller }, `StreamMaxLength ${fileBytesMaxOfAllTiers}`],
  [{ MaxFileSize: smaller }, `MaxFileSize ${fileBytesMaxOfAllTiers}`],
  [{ MaxScanSize: `${fileBytesMaxOfAllTiers}` }, "MaxScanSize more than MaxFileSize"],
  [{ AlertEncrypted: "no" }, "AlertEncrypted yes"],
  [{ AlertEncrypted: "no", AlertEncryptedArchive: "yes" }, "AlertEncryptedDoc"],
  [{ AlertEncrypted: "no", AlertEncryptedDoc: "yes" }, "AlertEncryptedArchive"],
  [{ AlertExceedsMax: "no" }, "AlertExceedsMax yes"],
  [{ MaxRecursion: "200" }, "MaxRecursion 100 or less"],
  [{ ScanArchive: "no" }, "ScanArchive yes"],
  [{ ScanOLE2: "no" }, "ScanOLE2 yes"],
  [{ ScanPDF: "no" }, "ScanPDF yes"],
] as const)("clamd with %o stops the start of what works, which names its address and the setting", async (instead, needed) => {
  const { url } = await start({ instead });
  const key = randomBytes(32).toString("base64");
  const config = parseConfig({
    ...{ CLAMD: url, ALLOW_TEST_SIGNATURES: "1", DATA_DIR: join(folder, "data"), EDGE_KEY: key, OPTIONS_KEY: key },
    ...{ PUBLIC_URL: "http://127.0.0.1:9", AUTH_SECRET: key, MAIL: "log" },
    ...{ R2_ENDPOINT: "http://127.0.0.1:9", R2_ACCESS_KEY_ID: "a", R2_SECRET_ACCESS_KEY: "b" },
  });
  const refused = wire("all", config, openLog("silent", "all"));
  await expect(refused).rejects.toThrow(`clamd at ${url} does not scan as it must`);
  await expect(refused).rejects.toThrow(needed);
});

test("a clamd that is away does not stop the start, and is tested when it comes", async () => {
  const dir = await temporaryFolder("clamd");
  const told: string[] = [];
  const scanner = scannerAt([`unix:${join(dir, "clamd.sock")}`], (misfit) => told.push(misfit));
  expect(await scanner.misfits()).toEqual([]);
  await expect(scanner.ready()).rejects.toMatchObject({ code: "scanner-unavailable" });

  await start({ dir, instead: { AlertEncrypted: "no" } });
  await expect(scanner.ready()).rejects.toMatchObject({ code: "scanner-unavailable" });
  await expect(scanner.ready()).rejects.toMatchObject({ code: "scanner-unavailable" });
  expect(told).toEqual([expect.stringContaining("AlertEncrypted yes")]);
});

test("a clamd that comes back with other settings gets no stream, and one that comes back with the right ones does", async () => {
  const { dir, url } = await start({});
  const scanner = scannerAt([url]);
  const restart = async (instead: Record<string, string>) => {
    running.at(-1)?.kill();
    await expect.poll(() => scanner.open(soon()).then(String, ({ code }) => code)).toBe("scanner-unavailable");
    await start({ dir, instead });
  };
  await scanner.ready();
  await restart({ AlertExceedsMax: "no" });
  await expect(scanner.open(soon())).rejects.toMatchObject({ code: "scanner-unavailable" });
  await restart({});
  (await scanner.open(soon())).abandon();
});

test("of several clamds the misfit is left out", async () => {
  const [good, bad] = await Promise.all([start({}), start({ instead: { ScanPDF: "no" } })]);
  const scanner = scannerAt([bad.url, good.url]);
  expect(await scanner.misfits()).toEqual([expect.stringContaining(bad.url)]);
  for (let turn = 0; turn < 4; turn++) {
    const scan = await scanner.open(soon());
    await scan.write(Buffer.from("harmless"));
    expect(await scan.verdict()).toMatchObject({ verdict: "clean" });
  }
});
