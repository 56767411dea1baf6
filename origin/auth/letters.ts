// The texts of our mails: plain text, and the same as minimal HTML. Nothing is loaded, nothing is counted.
export type Letter = { subject: string; text: string; html: string };

type Parts = { subject: string; says: readonly string[]; link?: string; code?: string; closing?: string };

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const quoted = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);

/** Names are chosen by strangers: on one line, short, and without what mail programs turn into links. */
const shown = (name: string) =>
  name
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replaceAll(/[:/@]|\.(?=\S)/g, " ")
    .trim()
    .slice(0, 60) || "Somebody";

function letter({ subject, says, link, code, closing }: Parts): Letter {
  const ending = closing ?? "If you did not ask for this, ignore this mail.";
  const text = [...says, ...(link ? [link] : []), ...(code ? [code] : []), ending].join("\n\n");
  const paragraphs = [
    ...says.map((line) => `<p>${quoted(line)}</p>`),
    ...(link ? [`<p><a href="${quoted(link)}">${quoted(link)}</a></p>`] : []),
    ...(code ? [`<p><code>${quoted(code)}</code></p>`] : []),
    `<p>${quoted(ending)}</p>`,
  ];
  return {
    subject,
    text: `${text}\n`,
    html: `<!doctype html><meta charset="utf-8"><title>${quoted(subject)}</title>${paragraphs.join("")}`,
  };
}

export const letters = {
  verify: (link: string) =>
    letter({
      subject: "Confirm your e-mail address",
      says: ["Open this link to confirm your e-mail address. It holds for one hour."],
      link,
    }),

  /** Somebody signed up with the address of a person who is known already; the answer to them did not say so. */
  known: (resetAddress: string) =>
    letter({
      subject: "You have an account already",
      says: [
        "Somebody, perhaps you, wanted to sign up with this e-mail address. It is known here already, so nothing was changed.",
        "If you do not know your password, ask for a new one; that confirms your address too:",
      ],
      link: resetAddress,
    }),

  /** With a page to go to, the link leads there; without one, the code is what POST /api/auth/reset-password takes. */
  reset: (target: { link: string } | { code: string }) =>
    letter({
      subject: "Choose a new password",
      says: [
        "link" in target
          ? "Open this link to choose a new password. It holds for one hour."
          : "With this code you can set a new password. It holds for one hour.",
      ],
      ...target,
    }),

  passwordChanged: () =>
    letter({
      subject: "Your password was changed",
      says: ["Your password was changed, and all your sessions were ended."],
      closing: "If this was not you, ask for a new password at once and tell us.",
    }),

  invitation: ({
    inviter,
    account,
    role,
    id,
    publicUrl,
  }: {
    inviter: string;
    account: string;
    role: string;
    id: string;
    publicUrl: string;
  }) =>
    letter({
      subject: "You are invited",
      says: [
        `${shown(inviter)} invites you to the account “${shown(account)}” as ${role}. The invitation holds for two days.`,
        `Sign up or sign in at ${publicUrl} with this e-mail address, and accept the invitation with this code:`,
      ],
      code: id,
    }),
};
