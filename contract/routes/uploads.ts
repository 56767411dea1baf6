import { createRoute, z } from "@hono/zod-openapi";
import { UploadId } from "../ids.ts";
import { UploadRequest, UploadTicket } from "../uploads.ts";
import { access, forwarded, json, jsonBody, refusalsWithToken } from "./shared.ts";

export const createUpload = createRoute({
  operationId: "createUpload",
  tags: ["Uploads"],
  method: "post",
  path: "/v1/uploads",
  summary: "Announce a file and get a URL to PUT it to",
  description: "The URL takes the announced bytes once, straight into the object store. An upload that no job uses is deleted.",
  ...access("uploads:write", "requests"),
  request: jsonBody(UploadRequest),
  responses: {
    201: json("Where to send the bytes", UploadTicket),
    ...refusalsWithToken(
      "body-not-json",
      "body-too-large",
      "content-type-unsupported",
      "request-invalid",
      "file-too-large",
      "file-empty",
      "test-limit",
      "uploads-outstanding",
    ),
  },
});

export const deleteUpload = createRoute({
  operationId: "deleteUpload",
  tags: ["Uploads"],
  method: "delete",
  path: "/v1/uploads/{id}",
  summary: "Delete an uploaded file now",
  description: "Refused while a job that has not ended needs it. Uploads that no job uses are deleted after an hour.",
  ...access("uploads:write", "requests"),
  request: { params: z.object({ id: UploadId }) },
  responses: {
    204: { description: "It is gone" },
    ...refusalsWithToken("request-invalid", "upload-not-found", "upload-in-use", "storage-unavailable", ...forwarded),
  },
});
