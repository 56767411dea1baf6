import { expect, test } from "vitest";
import { parseConfig } from "#origin/config.ts";
import { openLog } from "#origin/log.ts";
import { wire } from "#origin/wire.ts";

const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
const withoutDatabase = parseConfig({
  EDGE_KEY: secret,
  OPTIONS_KEY: secret,
  AUTH_SECRET: secret,
  PUBLIC_URL: "http://127.0.0.1:9",
  MAIL: "log",
  R2_ENDPOINT: "http://127.0.0.1:9",
  R2_ACCESS_KEY_ID: "none",
  R2_SECRET_ACCESS_KEY: "none",
  CLAMD: "tcp://127.0.0.1:9",
});

test.each(["api", "worker"] as const)(
  "without DATABASE_URL a process that is only %s refuses to start, and says that one must be both",
  async (role) => {
    await expect(wire(role, withoutDatabase, openLog("silent", role))).rejects.toThrow(/DATABASE_URL.*one process.*api and worker/);
  },
);
