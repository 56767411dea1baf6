import { statfs } from "node:fs/promises";
import { Problem } from "#contract/problems.ts";

/** What a program that failed for lack of room leaves of it: less than its next block. */
const bytesMin = 262_144;

/** A failure in a workspace that is full is the document's own, whatever it looks like: nobody else writes there. */
export async function orOutOfRoom(error: unknown, folder: string): Promise<unknown> {
  const { bavail, bsize } = await statfs(folder);
  if (!isNoSpace(error) && bavail * bsize >= bytesMin) return error;
  return new Problem("input-too-complex", "Its conversion needs more room than a workspace has.", { cause: error });
}

const isNoSpace = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOSPC";
