// clamd's replies as values (clamd(8)).

export type Reply =
  | { kind: "clean" }
  | { kind: "found"; name: string }
  | { kind: "limits"; name: string }
  | { kind: "encrypted"; name: string }
  | { kind: "error"; text: string };

export type Version = {
  scanner: string;
  /** Version of the official database, or `test-only` when clamd has none. */
  signatures: string;
  signaturesDate: Date | undefined;
};

/** A reply to INSTREAM. Heuristics that only say "not read" are not findings. */
export function parseReply(text: string): Reply {
  if (text === "stream: OK") return { kind: "clean" };
  const found = /^stream: (.+) FOUND$/.exec(text)?.[1];
  if (found?.startsWith("Heuristics.Limits.")) return { kind: "limits", name: found };
  if (found?.startsWith("Heuristics.Encrypted.")) return { kind: "encrypted", name: found };
  if (found) return { kind: "found", name: found };
  if (text === "INSTREAM size limit exceeded. ERROR") return { kind: "limits", name: "StreamMaxLength" };
  return { kind: "error", text: text.slice(0, 200) };
}

/** A reply to VERSION: `ClamAV 1.4.6/27800/Sat Nov 21 09:11:12 2026`, or only the first part without an official database. */
export function parseVersion(text: string): Version | undefined {
  const [scanner, signatures, date] = text.split("/");
  if (!scanner?.startsWith("ClamAV ")) return undefined;
  if (!signatures || !date) return { scanner, signatures: "test-only", signaturesDate: undefined };
  const signaturesDate = new Date(`${date.trim()} UTC`);
  return Number.isNaN(signaturesDate.getTime()) ? undefined : { scanner, signatures, signaturesDate };
}

/** Why a database of signatures does not count; undefined when it does. */
export function signaturesFault(
  { signatures, signaturesDate }: Version,
  { allowTestSignatures, ageMaxMs, now }: { allowTestSignatures: boolean; ageMaxMs: number; now: Date },
): string | undefined {
  if (signatures === "test-only")
    return allowTestSignatures ? undefined : "it has no official signature database (ALLOW_TEST_SIGNATURES=1 accepts that)";
  const ageMs = now.getTime() - (signaturesDate?.getTime() ?? Number.NEGATIVE_INFINITY);
  return ageMs > ageMaxMs ? `its signatures are ${Math.floor(ageMs / 3_600_000)} hours old (SIGNATURES_AGE_MAX_HOURS)` : undefined;
}
