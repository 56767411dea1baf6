import { expect, test } from "vitest";
import { AccountSnapshot } from "./accounts.ts";
import { tierDefaults } from "./tiers.ts";

test("a snapshot of a newer origin is understood as far as it is known", () => {
  const key = { id: `key_${"a".repeat(26)}`, digest: "0".repeat(64), livemode: true, allowed_addresses: [] };
  const snapshot = { account: "acme", version: 1, tier: "pro", limits: tierDefaults.pro, features: {}, suspended: false };
  const newer = {
    ...snapshot,
    limits: { ...snapshot.limits, batches_max: 7 },
    features: { "operation:pdf.to-gold": false },
    keys: [{ ...key, scopes: ["jobs:read", "batches:write"] }],
    region: "eu",
  };
  expect(AccountSnapshot.parse(newer)).toEqual({ ...snapshot, features: newer.features, keys: [{ ...key, scopes: ["jobs:read"] }] });
});
