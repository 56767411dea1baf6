import { expect, test } from "vitest";
import type { ProblemCode } from "#contract/problems.ts";
import { refusal } from "./refusal.ts";

const refused = (status: number, code?: string, retryAfter: string | null = null) =>
  refusal({ status, code, message: code && `Words about ${code}`, retryAfter });

test.each<[number, string | undefined, ProblemCode]>([
  [401, "INVALID_EMAIL_OR_PASSWORD", "sign-in-failed"],
  [403, "EMAIL_NOT_VERIFIED", "email-unverified"],
  [403, "email_not_verified", "email-unverified"],
  [403, "sign-up-closed", "sign-up-closed"],
  [401, "UNAUTHORIZED", "session-missing"],
  [401, undefined, "session-missing"],
  [403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "role-missing"],
  [401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER", "role-missing"],
  [403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "role-missing"],
  [400, "PASSWORD_TOO_SHORT", "auth-refused"],
  [403, "INVALID_ORIGIN", "auth-refused"],
  [404, undefined, "route-not-found"],
  [404, "PROVIDER_NOT_FOUND", "auth-refused"],
  [429, undefined, "sign-in-throttled"],
  [500, "FAILED_TO_GET_SESSION", "internal"],
])("%i %s is %s", (status, code, problem) => {
  expect(refused(status, code).code).toBe(problem);
});

test("what is refused in better-auth's own words keeps them, with the code that clients can rely on", () => {
  expect(refused(400, "PASSWORD_TOO_SHORT").detail).toBe("Words about PASSWORD_TOO_SHORT (PASSWORD_TOO_SHORT)");
});

test("what failed inside says nothing outside", () => {
  expect(refused(500, "SOMETHING_INSIDE").detail).toBeUndefined();
});

test("who is throttled learns how long, whatever the header says", () => {
  expect(refused(429, undefined, "37").retryAfterSeconds).toBe(37);
  for (const odd of [null, "", "0", "soon"]) expect(refused(429, undefined, odd).retryAfterSeconds).toBe(1);
});
