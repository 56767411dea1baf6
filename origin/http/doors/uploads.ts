import type { Hono } from "hono";
import { UploadId } from "#contract/ids.ts";
import { parseRequest } from "#contract/parse.ts";
import { type DeleteUploadNeeds, deleteUpload } from "../../uploads/delete-upload.ts";
import { actorOf, type Env } from "../env.ts";

export type UploadDoorNeeds = DeleteUploadNeeds;

export function uploadDoors(app: Hono<Env>, needs: UploadDoorNeeds): void {
  app.delete("/v1/uploads/:id", async (c) => {
    await deleteUpload(needs, actorOf(c).principal, parseRequest(UploadId, c.req.param("id")));
    return c.body(null, 204);
  });
}
