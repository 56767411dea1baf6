import { Problem, problemBody } from "#contract/problems.ts";
import { createApp } from "./app.ts";
import { parseEnv } from "./env.ts";
import { randomId } from "./random-id.ts";

let app: ReturnType<typeof createApp> | undefined;

function appFor(bindings: unknown): ReturnType<typeof createApp> | undefined {
  try {
    app ??= createApp(parseEnv(bindings));
  } catch (fault) {
    console.error(JSON.stringify({ level: "fatal", message: String(fault) }));
  }
  return app;
}

export default {
  fetch(request, bindings, ctx) {
    const ready = appFor(bindings);
    if (ready) return ready.fetch(request, {}, ctx);
    const id = randomId("req");
    const body = problemBody(new Problem("not-ready", "The service is not configured."), id);
    const headers = { "content-type": "application/problem+json", "cache-control": "no-store", "x-request-id": id };
    return Response.json(body, { status: body.status, headers });
  },
} satisfies ExportedHandler;
