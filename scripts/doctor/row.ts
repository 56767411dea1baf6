export type Row = {
  check: string;
  verdict: "ok" | "wrong" | "could not tell";
  found: string;
  /** What to do about it. */
  mend?: string;
};

export const ok = (check: string, found: string): Row => ({ check, verdict: "ok", found });
export const wrong = (check: string, found: string, mend: string): Row => ({ check, verdict: "wrong", found, mend });
export const unknown = (check: string, found: string, mend?: string): Row => ({
  check,
  verdict: "could not tell",
  found,
  ...(mend !== undefined && { mend }),
});

export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const inner = cause instanceof Error ? cause : error;
  return "code" in inner && typeof inner.code === "string" ? inner.code : inner.message;
};
