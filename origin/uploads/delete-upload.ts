import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import { uploadKey } from "#contract/uploads.ts";
import type { Database } from "../db/database.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { neededByUnended } from "./uses.ts";

export type DeleteUploadNeeds = { db: Database; objects: Pick<ObjectStore, "list" | "remove"> };

/** The account is part of the key, so another's upload is one that does not exist. A job that is being created right now fails with `upload-not-found`. */
export async function deleteUpload(
  { db, objects }: DeleteUploadNeeds,
  { account }: Pick<Principal, "account">,
  upload: string,
): Promise<void> {
  if (await neededByUnended(db, account, upload)) throw new Problem("upload-in-use");
  const key = uploadKey(account, upload);
  const [found] = await objects.list({ bucket: "uploads", prefix: key });
  if (found === undefined) throw new Problem("upload-not-found");
  await objects.remove({ bucket: "uploads", key });
}
