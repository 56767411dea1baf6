import { expect, test } from "vitest";
import type { Scope } from "#contract/scopes.ts";
import { checkGrant } from "./check-grant.ts";

const maker = (scopes: Scope[], livemode = true) => ({ scopes, livemode });

test("a key may have what its maker has", () => {
  expect(() => checkGrant(maker(["keys:write", "jobs:read"]), { scopes: ["jobs:read"], livemode: true })).not.toThrow();
  expect(() => checkGrant(maker(["admin"]), { scopes: ["admin"], livemode: true })).not.toThrow();
  expect(() => checkGrant(maker(["jobs:read"], false), { scopes: ["jobs:read"], livemode: false })).not.toThrow();
});

test.each([
  [
    "a scope that its maker lacks",
    maker(["keys:write", "jobs:read"]),
    { scopes: ["jobs:read", "jobs:write"], livemode: true },
    "jobs:write",
  ],
  ["admin, which no other scope implies", maker(["keys:write", "jobs:read"]), { scopes: ["admin"], livemode: true }, "admin"],
  ["live data, by a test credential", maker(["jobs:read"], false), { scopes: ["jobs:read"], livemode: true }, "test keys only"],
  ["admin and test data", maker(["admin"]), { scopes: ["admin"], livemode: false }, "cannot have the scope admin"],
] as const)("a key cannot have %s", (_what, principal, wanted, told) => {
  expect(() => checkGrant(principal, { ...wanted, scopes: [...wanted.scopes] })).toThrow(
    expect.objectContaining({ code: "scope-missing", detail: expect.stringContaining(told) }),
  );
});
