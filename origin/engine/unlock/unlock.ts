// Replaces an encrypted input by its plaintext, before anything else looks at it. Decided: by libraries (docs/decisions/0003-decryption.md).
import { statSync } from "node:fs";
import { join } from "node:path";
import type { BoxUnlocked } from "#contract/box.ts";
import { Problem } from "#contract/problems.ts";
import { readingFile } from "../inspect/container/byte-source.ts";
import { type Content, realContent } from "../inspect/real-content.ts";
import type { Workspace } from "../workspace.ts";
import { unlockOffice } from "./office.ts";
import { pdfPages, unlockPdf } from "./pdf.ts";

/** `unsupported`: encrypted in a way that the library at hand does not know. */
export type Outcome = "plain" | "decrypted" | "password-wrong" | "unsupported";
export type Locked = { input: string; output: string; cwd: string; password: string; signal: AbortSignal };

type Options = { password: string | undefined; python: string | undefined; signal: AbortSignal };

/** Excel encrypts workbooks that are only protected against changes with this ([MS-OFFCRYPTO] 2.4.2.3); every reader tries it. */
const defaultOfficePassword = "VelvetSweatshop";

export async function unlock(workspace: Workspace, { password, python, signal }: Options): Promise<BoxUnlocked> {
  const input = workspace.inputPath();
  if (input === undefined) throw new Problem("request-invalid", "The input has not been sent.");
  const output = join(workspace.path, "plaintext");
  const attempt = (tried: string): Locked => ({ input, output, cwd: workspace.path, password: tried, signal });
  workspace.content = await readingFile(input, realContent);
  const outcome = await decrypted(workspace.content, attempt, password, python);
  signal.throwIfAborted();
  if (outcome === "password-wrong") throw new Problem(password === undefined ? "input-encrypted" : "password-wrong");
  if (outcome === "unsupported") throw new Problem(password === undefined ? "input-encrypted" : "encrypted-unsupported");
  const { type } = workspace.content;
  if (outcome === "decrypted") workspace.replaceInput(output);
  const pages = type?.family === "pdf" ? await pdfPages({ input, cwd: workspace.path, signal }) : undefined;
  return { was_encrypted: outcome === "decrypted", size: statSync(input).size, ...(pages !== undefined && { pages }) };
}

async function decrypted(
  { type, container, encrypted }: Content,
  attempt: (password: string) => Locked,
  password: string | undefined,
  python: string | undefined,
): Promise<Outcome> {
  // Without a password a PDF is left to Poppler, which says whether it needs one.
  if (type?.family === "pdf") return password === undefined ? "plain" : unlockPdf(attempt(password));
  if (!encrypted) return "plain";
  if (container !== "cfb" && container !== "ooxml-encrypted") return "unsupported";
  return python === undefined ? "unsupported" : unlockOffice(python, attempt(password ?? defaultOfficePassword));
}
