import type { z } from "zod";
import { parseRequest } from "#contract/parse.ts";
import type { QuarantinedFile } from "#contract/quarantine.ts";
import type { PageQuery } from "#contract/routes/shared.ts";
import type { Database } from "../db/database.ts";
import { Cursor } from "./cursor.ts";
import { quarantinedFile } from "./quarantined-file.ts";
import { quarantineStore } from "./store.ts";

type Page = { data: QuarantinedFile[]; next_cursor?: string };

/** What is in quarantine now, newest first. */
export async function listQuarantine({ db }: { db: Database }, { limit, after }: z.output<typeof PageQuery>): Promise<Page> {
  const position = parseRequest(Cursor, { after }).after;
  const rows = await quarantineStore(db).list(position, limit + 1);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(quarantinedFile), ...(last && { next_cursor: `${last.since.getTime()}.${last.sha256}` }) };
}
