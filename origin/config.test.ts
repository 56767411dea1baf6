import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

const good = {
  EDGE_KEY: "k".repeat(32),
  OPTIONS_KEY: Buffer.alloc(32).toString("base64"),
  R2_ENDPOINT: "http://127.0.0.1:8787/s3/",
  R2_ACCESS_KEY_ID: "id",
  R2_SECRET_ACCESS_KEY: "secret",
  OFFICE_BOXES: "unix:/run/a.sock, http://engine-2:9000",
};

test("what is needed is enough, and boxes are found by lane", () => {
  const config = parseConfig(good);
  expect(config.boxes).toEqual({ office: ["unix:/run/a.sock", "http://engine-2:9000"], light: [] });
  expect(config.R2_ENDPOINT).toBe("http://127.0.0.1:8787/s3");
  expect(config.DATABASE_URL).toBeUndefined();
});

test("all faults are in one message, by name, without values", () => {
  const environment = { ...good, EDGE_KEY: "hunter2", PORT: "99999", R2_ENDPOINT: undefined, OFFICE_BOXES: "tmp" };
  const message = (() => {
    try {
      parseConfig(environment);
    } catch (error) {
      return String(error);
    }
  })();
  for (const name of ["EDGE_KEY", "PORT", "R2_ENDPOINT", "OFFICE_BOXES"]) expect(message).toContain(name);
  expect(message).not.toContain("hunter2");
});
