import { Problem, problemBody } from "#contract/problems.ts";
import { createApp } from "./app.ts";
import { parseEnv } from "./env.ts";

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
    const body = problemBody(new Problem("not-ready", "The service is not configured."));
    return Response.json(body, { status: body.status, headers: { "content-type": "application/problem+json" } });
  },
} satisfies ExportedHandler;
