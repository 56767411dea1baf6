// The people of an account: members, roles, invitations. They are better-auth's organisations.
import { APIError } from "better-auth/api";
import { organization } from "better-auth/plugins";
import { drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { memberships, type SignUpRule } from "./home-account.ts";
import { letters } from "./letters.ts";
import type { Post } from "./mail.ts";
import { roleAccess, rolesOf } from "./roles.ts";

type Options = { db: Database; post: Post; publicUrl: string; signUp: SignUpRule };

const nameLengthMax = 100;

export function accountPeople({ db, post, publicUrl, signUp }: Options) {
  const ownsOne = async (userId: string) => (await memberships(db, userId)).some(({ role }) => rolesOf(role).includes("owner"));

  return organization({
    ...roleAccess,
    disableOrganizationDeletion: true,
    // One account of one's own: more would be more free quota.
    allowUserToCreateOrganization: async (user) => signUp === "open" && user.emailVerified && !(await ownsOne(user.id)),
    membershipLimit: 1_000,
    invitationExpiresIn: 2 * 86_400,
    invitationLimit: 100,
    cancelPendingInvitationsOnReInvite: true,
    requireEmailVerificationOnInvitation: true,
    sendInvitationEmail: async ({ id, role, email, organization: { name }, inviter }) =>
      post.send("invitation", email, letters.invitation({ inviter: inviter.user.name, account: name, role, id, publicUrl })),
    organizationHooks: {
      // Slugs are nobody's business, and must not tell which names are taken.
      beforeCreateOrganization: async ({ organization: { name } }) => ({
        data: { name: named(name), slug: drawId("acc"), logo: null, metadata: undefined },
      }),
      beforeUpdateOrganization: async ({ organization: { name, ...others } }) => {
        if (Object.values(others).some((value) => value !== undefined)) {
          throw new APIError("BAD_REQUEST", { code: "FIELD_NOT_ALLOWED", message: "Only the name can be changed" });
        }
        return { data: { name: named(name) } };
      },
    },
  });
}

function named(name: string | undefined): string {
  const text = name?.trim() ?? "";
  if (text !== "" && text.length <= nameLengthMax) return text;
  throw new APIError("BAD_REQUEST", { code: "VALIDATION_ERROR", message: `A name has 1 to ${nameLengthMax} characters` });
}
