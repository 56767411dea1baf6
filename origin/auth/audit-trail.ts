// The audit rows of what people do to their accounts through better-auth, after it was done.
import { createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { z } from "zod";
import { type Deed, record } from "../audit/record.ts";
import type { Database } from "../db/database.ts";

/** What better-auth answers, as far as it is noted. */
const Row = z.object({ id: z.string(), organizationId: z.string(), userId: z.string().optional(), role: z.string().optional() });
const ofPerson =
  (action: string) =>
  (_answer: unknown, person: string): Deed => ({ action, target: person });

const deeds: Record<string, (answer: unknown, person: string) => Deed> = {
  "/organization/create": (answer) => {
    const { id } = z.object({ id: z.string() }).parse(answer);
    return { action: "account.create", target: id, account: id, after: { tier: "free" } };
  },
  "/organization/update": (answer) => {
    // Without the name: the log outlives the account.
    const { id } = z.object({ id: z.string() }).parse(answer);
    return { action: "account.rename", target: id, account: id };
  },
  "/organization/invite-member": (answer) => ofInvitation("invitation.create", answer),
  "/organization/cancel-invitation": (answer) => ofInvitation("invitation.cancel", answer),
  "/organization/reject-invitation": (answer) =>
    ofInvitation("invitation.reject", z.object({ invitation: z.unknown() }).parse(answer).invitation),
  "/organization/accept-invitation": (answer) =>
    ofInvitation("invitation.accept", z.object({ invitation: z.unknown() }).parse(answer).invitation),
  "/organization/remove-member": (answer) => ofMember("member.remove", z.object({ member: z.unknown() }).parse(answer).member),
  "/organization/leave": (answer) => ofMember("member.leave", answer),
  "/change-password": ofPerson("person.change-password"),
  "/revoke-session": ofPerson("person.revoke-session"),
  "/revoke-sessions": ofPerson("person.revoke-sessions"),
  "/revoke-other-sessions": ofPerson("person.revoke-sessions"),
  "/organization/update-member-role": (answer) => ofMember("member.change-role", answer),
};

export const auditTrail = (db: Database, addressHeader: string) =>
  createAuthMiddleware(async (ctx) => {
    const { path, context, headers } = ctx;
    const deed = deeds[path];
    const { returned } = context;
    if (!deed || returned instanceof Error) return;
    const session = await getSessionFromCtx(ctx);
    if (!session) return;
    const address = headers?.get(addressHeader);
    const requestId = headers?.get("x-request-id");
    await record(
      db,
      { person: session.user.id, ...(address && { address }), ...(requestId && { requestId }) },
      deed(returned, session.user.id),
    );
  });

function ofInvitation(action: string, answer: unknown): Deed {
  const { id, organizationId, role } = Row.parse(answer);
  return { action, target: id, account: organizationId, after: { role } };
}

function ofMember(action: string, answer: unknown): Deed {
  const { id, organizationId, userId, role } = Row.parse(answer);
  return { action, target: userId ?? id, account: organizationId, after: { role } };
}
