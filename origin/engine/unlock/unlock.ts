// Decided: Office files are decrypted by msoffcrypto-tool and PDFs by qpdf, never by code of our own (docs/decisions/0003-decryption.md).
// Replaces an encrypted input by its plaintext, before anything else looks at it.
import { open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BoxUnlocked } from "#contract/box.ts";
import { Problem } from "#contract/problems.ts";
import { type Content, realContent } from "../inspect/real-content.ts";
import type { Workspace } from "../workspace.ts";
import { unlockOffice } from "./office.ts";
import { unlockPdf } from "./pdf.ts";

/** `unsupported`: encrypted in a way that the library at hand does not know. */
export type Outcome = "plain" | "decrypted" | "password-wrong" | "unsupported";
export type Locked = { input: string; output: string; cwd: string; password: string; signal: AbortSignal };

export async function unlock(
  workspace: Workspace,
  password: string,
  { python, signal }: { python: string | undefined; signal: AbortSignal },
): Promise<BoxUnlocked> {
  const input = workspace.inputPath();
  if (input === undefined) throw new Problem("request-invalid", "The input has not been sent.");
  const locked: Locked = { input, output: join(workspace.path, "plaintext"), cwd: workspace.path, password, signal };
  const outcome = await unlockBy(await contentOf(input), locked, python);
  signal.throwIfAborted();
  if (outcome === "password-wrong") throw new Problem("password-wrong");
  if (outcome === "unsupported") throw new Problem("encrypted-unsupported");
  if (outcome === "decrypted") await rename(locked.output, input);
  return { was_encrypted: outcome === "decrypted", size: (await stat(input)).size };
}

async function unlockBy(content: Content, locked: Locked, python: string | undefined): Promise<Outcome> {
  if (content.type?.family === "pdf") return unlockPdf(locked);
  if (content.container === "cfb" || content.container === "ooxml-encrypted") return python ? unlockOffice(python, locked) : "unsupported";
  return content.encrypted ? "unsupported" : "plain";
}

async function contentOf(path: string): Promise<Content> {
  const file = await open(path, "r");
  try {
    return await realContent(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}
