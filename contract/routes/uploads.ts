import { createRoute } from "@hono/zod-openapi";
import { UploadRequest, UploadTicket } from "../uploads.ts";
import { access, json, jsonBody, refusalsWithToken } from "./shared.ts";

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
