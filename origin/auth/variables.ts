// The rows of the config table that concern people: addresses, sign-up, mail, OIDC, tokens, the first administrator.
import { z } from "zod";
import { foreignSecret, hasPlaceholderPassword, placeholderPassword, secretText } from "#contract/secret-strength.ts";
import { commaList } from "../comma-list.ts";

/** A scheme, a host and nothing else. */
const httpOrigin = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "must be an http or https URL")
  .refine((text) => !URL.canParse(text) || new URL(text).href === `${new URL(text).origin}/`, "must have no path, query or credentials")
  .transform((text) => (URL.canParse(text) ? new URL(text).origin : text));

const origins = commaList.pipe(z.array(httpOrigin));

export const passwordLengthMin = 12;
export const passwordLengthMax = 128;

export const peopleVariables = {
  PUBLIC_URL: {
    schema: httpOrigin,
    description: "The edge's public address, as people and clients see it. Issuer of our tokens, base of links in mails.",
  },
  TRUSTED_ORIGINS: { schema: origins, description: "Other origins whose pages may sign people in, separated by commas." },
  AUTH_SECRET: {
    schema: secretText(32),
    description: "Signs session cookies and links in mails, encrypts the private keys of our tokens.",
    secret: true,
  },
  AUTH_SECRET_ALSO: {
    schema: secretText(32).optional(),
    description: "The next or the previous AUTH_SECRET, which is taken too while it is changed (docs/rotation.md).",
    secret: true,
  },
  SIGNUP: {
    schema: z.enum(["open", "invite", "closed"]).default("closed"),
    description: "Who may become a person here: everybody, who was invited into an account, nobody.",
  },
  MAIL: {
    schema: z.enum(["smtp", "log"]).default("smtp"),
    description: "`log` writes mails, with their links, to the log instead of sending them. For one's own machine.",
  },
  SMTP_URL: {
    schema: z
      .url({ protocol: /^smtps?$/ })
      .refine((url) => !hasPlaceholderPassword(url), placeholderPassword)
      .optional(),
    description: "Mail server, as smtp://user:password@host:587 or smtps://host. Without it no mail is sent.",
    secret: true,
  },
  MAIL_FROM: { schema: z.string().min(3).optional(), description: "Sender of mails, as `Name <address>`." },
  OIDC_ISSUER: { schema: z.url({ protocol: /^https?$/ }).optional(), description: "OpenID Connect provider that people may sign in with." },
  OIDC_CLIENT_ID: {
    schema: z.string().min(1).optional(),
    description: "Our client at OIDC_ISSUER; its redirect URI is PUBLIC_URL/api/auth/callback/oidc.",
  },
  OIDC_CLIENT_SECRET: {
    schema: foreignSecret.optional(),
    description: "Belongs to OIDC_CLIENT_ID; none for a public client.",
    secret: true,
  },
  OIDC_NAME: { schema: z.string().default("Single sign-on"), description: "What people call OIDC_ISSUER." },
  JWT_AUDIENCE: {
    schema: z.string().min(1).default("trustyconvert"),
    description: "Audience of our tokens; the edge must expect the same.",
  },
  JWT_MINUTES: { schema: z.coerce.number().min(1).max(10).default(10), description: "How long our tokens hold, minutes." },
  JWT_ROTATION_DAYS: {
    schema: z.coerce.number().min(1).max(365).default(30),
    description: "How long a key signs tokens before the next one does, days. The next is published a day before.",
  },
  ADMIN_EMAIL: {
    schema: z.email().optional(),
    description: "With ADMIN_PASSWORD: made an administrator at the start while there is none.",
  },
  ADMIN_PASSWORD: {
    schema: secretText(passwordLengthMin).max(passwordLengthMax).optional(),
    description: "Password of ADMIN_EMAIL. Of no use after the first start.",
    secret: true,
  },
} as const;

/** What single rows cannot see. */
export function peopleFaults(parsed: Record<string, unknown>): string[] {
  const faults: string[] = [];
  const needs = (name: string, other: string) => {
    if (parsed[name] !== undefined && parsed[other] === undefined) faults.push(`  ${other} is missing (${name} needs it)`);
  };
  needs("SMTP_URL", "MAIL_FROM");
  needs("OIDC_ISSUER", "OIDC_CLIENT_ID");
  needs("OIDC_CLIENT_ID", "OIDC_ISSUER");
  needs("ADMIN_EMAIL", "ADMIN_PASSWORD");
  needs("ADMIN_PASSWORD", "ADMIN_EMAIL");
  const mailless = parsed.MAIL === "smtp" && parsed.SMTP_URL === undefined;
  if (mailless && (parsed.SIGNUP === "open" || parsed.SIGNUP === "invite")) {
    faults.push(`  SIGNUP=${parsed.SIGNUP} needs mail: set SMTP_URL and MAIL_FROM (or MAIL=log on your own machine)`);
  }
  return faults;
}
