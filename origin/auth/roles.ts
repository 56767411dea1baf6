// What a role may do to the account's people. What it may do with the API follows from contract/scopes.ts.
import { createAccessControl } from "better-auth/plugins";
import { Role } from "#contract/scopes.ts";

const control = createAccessControl({
  organization: ["update", "delete"],
  member: ["create", "update", "delete"],
  invitation: ["create", "cancel"],
});
const people = { member: ["create", "update", "delete"], invitation: ["create", "cancel"] } as const;

/** For better-auth. Nobody has `organization: delete`: accounts are deleted by `deleteAccount`. */
export const roleAccess = {
  ac: control,
  creatorRole: "owner" satisfies Role,
  roles: {
    owner: control.newRole({ organization: ["update"], ...people }),
    admin: control.newRole({ organization: ["update"], ...people }),
    member: control.newRole({ organization: [], member: [], invitation: [] }),
    viewer: control.newRole({ organization: [], member: [], invitation: [] }),
  } satisfies Record<Role, unknown>,
};

/** better-auth keeps several roles of a member as one text. */
export const rolesOf = (role: string): Role[] => role.split(",").flatMap((name) => Role.safeParse(name.trim()).data ?? []);
