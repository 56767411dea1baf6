// An update where little runs: an api and an engine for PDF.
import { afterAll, beforeAll, describe } from "vitest";
import { imagesSuite } from "./suites/images.ts";
import { killedUpdateSuite } from "./suites/killed-update.ts";
import { type Host, openHost } from "./support/host.ts";

const patienceMs = 15 * 60_000;

let host: Host;
beforeAll(async () => {
  host = await openHost();
  await host.compose("up", "-d", "--wait", "api", "engine-light");
}, patienceMs);
afterAll(() => host.end(), 120_000);

describe("an update", () => killedUpdateSuite(() => host));
describe("images", () => imagesSuite(() => host));
