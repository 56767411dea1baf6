// What a credential may do. A route names the one scope that it needs.
import { z } from "zod";

export const scopes = ["jobs:write", "jobs:read", "uploads:write", "usage:read", "keys:write", "hooks:write", "admin"] as const;
export const Scope = z.enum(scopes).meta({ id: "Scope" });
export type Scope = z.infer<typeof Scope>;

/** Roles of a person within an account. */
export const roles = ["owner", "admin", "member", "viewer"] as const;
export const Role = z.enum(roles).meta({ id: "Role" });
export type Role = z.infer<typeof Role>;

const work = ["jobs:write", "jobs:read", "uploads:write", "usage:read"] as const satisfies Scope[];
/** The scope `admin` (operating the service) follows from no role: it belongs to the service's administrators. */
export const scopesOfRole: Record<Role, readonly Scope[]> = {
  owner: [...work, "keys:write", "hooks:write"],
  admin: [...work, "keys:write", "hooks:write"],
  member: work,
  viewer: ["jobs:read", "usage:read"],
};
