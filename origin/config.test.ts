import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseConfig } from "./config.ts";

const good = {
  EDGE_KEY: randomBytes(32).toString("hex"),
  OPTIONS_KEY: randomBytes(32).toString("base64"),
  AUTH_SECRET: randomBytes(32).toString("base64"),
  PUBLIC_URL: "https://convert.example.org",
  R2_ENDPOINT: "http://127.0.0.1:8787/s3/",
  R2_ACCESS_KEY_ID: "id",
  R2_SECRET_ACCESS_KEY: randomBytes(32).toString("hex"),
  OFFICE_BOXES: "unix:/run/a.sock, http://engine-2:9000",
};

test("what is needed is enough", () => {
  const config = parseConfig(good);
  expect(config.OFFICE_BOXES).toEqual(["unix:/run/a.sock", "http://engine-2:9000"]);
  expect(config.R2_ENDPOINT).toBe("http://127.0.0.1:8787/s3");
  expect(config.DATABASE_URL).toBeUndefined();
});

const refusal = (environment: Record<string, string | undefined>): string => {
  try {
    parseConfig(environment);
  } catch (error) {
    return String(error);
  }
  return "";
};

test("all faults are in one message, by name, without values", () => {
  const message = refusal({ ...good, EDGE_KEY: "hunter2", PORT: "99999", R2_ENDPOINT: undefined, OFFICE_BOXES: "tmp" });
  for (const name of ["EDGE_KEY", "PORT", "R2_ENDPOINT", "OFFICE_BOXES"]) expect(message).toContain(name);
  expect(message).not.toContain("hunter2");
});

test.each(["EDGE_KEY", "OPTIONS_KEY", "AUTH_SECRET", "ADMIN_PASSWORD"])("a placeholder in %s stops the start", (name) => {
  const placeholders = ["changeme", "changeme-changeme-changeme-changeme", "a".repeat(43), `${"A".repeat(43)}=`, "password1234"];
  for (const value of placeholders) {
    const message = refusal({ ...good, ADMIN_EMAIL: "ada@example.org", ADMIN_PASSWORD: "vier-Züge-nach-Kassel", [name]: value });
    expect(message, value).toContain(`\n  ${name} `);
    expect(message).not.toContain(value);
  }
});

test("boxes are sockets, addresses of either family, and names that stand for many", () => {
  const OFFICE_BOXES = "unix:/run/a.sock,http://engine-2:9000,http://[fd00::1]:9000,dns://tasks.engine_1:8790";
  expect(parseConfig({ ...good, OFFICE_BOXES }).OFFICE_BOXES).toEqual(OFFICE_BOXES.split(","));
  for (const wrong of [
    "dns://engine",
    "dns://engine:8790/x",
    "tcp://engine:8790",
    "http://fd00::1:9000",
    "http://engine",
    "https://engine:1",
  ])
    expect(refusal({ ...good, LIGHT_BOXES: wrong }), wrong).toContain("LIGHT_BOXES");
});

test("a lane that does not exist cannot be chosen", () => {
  expect(refusal({ ...good, WORKER_LANES: "office,ofice" })).toContain("WORKER_LANES");
});

test.each([
  ["DATABASE_URL", "postgres://trusty:changeme@db:5432/trusty"],
  ["REDIS_URL", "redis://:password@redis:6379"],
  ["REDIS_SENTINEL_PASSWORD", "secret"],
  ["R2_SECRET_ACCESS_KEY", "xxxxxxxx"],
  ["SMTP_URL", "smtp://us:change-me!@mail.example.org"],
  ["OIDC_CLIENT_SECRET", "your-secret"],
])("a placeholder where %s has its password stops the start", (name, value) => {
  expect(refusal({ ...good, [name]: value })).toContain(`\n  ${name} `);
});

describe("a secret in a file", () => {
  const files: Record<string, string> = { "/run/secrets/edge_key": `${good.EDGE_KEY}\n`, "/run/secrets/empty": "\n" };
  const read = (path: string) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return text;
  };
  const refused = (changes: Record<string, string | undefined>) => {
    try {
      parseConfig({ ...good, ...changes }, read);
    } catch (error) {
      return String(error);
    }
    return "";
  };

  test("is taken without the newline at its end", () => {
    expect(parseConfig({ ...good, EDGE_KEY: undefined, EDGE_KEY_FILE: "/run/secrets/edge_key" }, read).EDGE_KEY).toBe(good.EDGE_KEY);
  });
  test("and in the environment too is a fault that names both", () => {
    expect(refused({ EDGE_KEY_FILE: "/run/secrets/edge_key" })).toContain("  EDGE_KEY and EDGE_KEY_FILE are both set");
  });
  test.each(["/run/secrets/nowhere", "/run/secrets/empty"])(
    "that gives nothing (%s) is a fault that names variable and file, once",
    (path) => {
      const message = refused({ EDGE_KEY: undefined, EDGE_KEY_FILE: path });
      expect(message).toMatch(new RegExp(`\\n  EDGE_KEY_FILE: ${path} (cannot be read|is empty)`));
      expect(message).not.toContain("EDGE_KEY is missing");
    },
  );
  test("is looked for only where a variable is one: PORT_FILE is nobody's", () => {
    expect(refused({ PORT_FILE: "/run/secrets/nowhere" })).toBe("");
  });
  test("is weighed as in the environment", () => {
    files["/run/secrets/weak"] = "changeme";
    expect(refused({ AUTH_SECRET: undefined, AUTH_SECRET_FILE: "/run/secrets/weak" })).toContain("  AUTH_SECRET must have");
  });
});

const smtp = { SMTP_URL: "smtp://mail.example.org", MAIL_FROM: "TrustyConvert <no-reply@example.org>" };

test("nobody can sign up where no mail can be sent, unless the log takes it", () => {
  expect(refusal({ ...good, SIGNUP: "open" })).toContain("SIGNUP");
  expect(refusal({ ...good, SIGNUP: "invite" })).toContain("SIGNUP");
  expect(refusal({ ...good, SIGNUP: "closed" })).toBe("");
  expect(refusal({ ...good, SIGNUP: "open", MAIL: "log" })).toBe("");
  expect(refusal({ ...good, SIGNUP: "open", ...smtp })).toBe("");
  expect(refusal({ ...good, SMTP_URL: smtp.SMTP_URL })).toContain("MAIL_FROM");
});

test("variables that belong together come together", () => {
  expect(refusal({ ...good, OIDC_ISSUER: "https://id.example.org" })).toContain("OIDC_CLIENT_ID");
  expect(refusal({ ...good, OIDC_ISSUER: "https://id.example.org", OIDC_CLIENT_ID: "convert" })).toBe("");
  expect(refusal({ ...good, ADMIN_EMAIL: "ada@example.org" })).toContain("ADMIN_PASSWORD");
});

test("the public address is an origin", () => {
  for (const PUBLIC_URL of [
    "convert.example.org",
    "https://convert.example.org/app",
    "ftp://convert.example.org",
    "https://a:b@convert.example.org",
  ]) {
    expect(refusal({ ...good, PUBLIC_URL }), PUBLIC_URL).toContain("PUBLIC_URL");
  }
  expect(parseConfig({ ...good, PUBLIC_URL: "https://convert.example.org/" }).PUBLIC_URL).toBe("https://convert.example.org");
});
