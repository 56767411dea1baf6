import { expect, test } from "vitest";
import { securityEvent } from "./security-event.ts";

test("each kind of refusal is counted by itself, and ordinary problems are not", () => {
  expect(securityEvent("token-invalid")).toEqual({ security: "token-refused", security_count: 1 });
  expect(securityEvent("key-invalid")).toEqual({ security: "key-refused", security_count: 1 });
  expect(securityEvent("token-expired")).toEqual({ security: "token-refused", security_count: 2 });
  expect(securityEvent("job-not-found")).toEqual({});
});
