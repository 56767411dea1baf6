// The OpenAPI 3.1 description, made from the routes. `npm run generate` writes it to openapi.gen.json, which the edge serves.
import { OpenAPIHono } from "@hono/zod-openapi";
import { createJob, getJob, getResult } from "./routes/jobs.ts";
import { getOpenapi, healthAll, healthLive, healthReady, listOperations } from "./routes/service.ts";
import { createUpload } from "./routes/uploads.ts";

export const routes = [createUpload, createJob, getJob, getResult, listOperations, getOpenapi, healthAll, healthLive, healthReady] as const;

export function openapiDocument(version: string) {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer", bearerFormat: "JWT" });
  for (const route of routes) openAPIRegistry.registerPath(route);
  return getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "TrustyConvert",
      version,
      description:
        "Converts documents. Announce a file, PUT it, start a job, fetch its results. Every refusal is RFC 9457 problem details.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
  });
}
