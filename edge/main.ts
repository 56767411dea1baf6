import { Problem, problemBody } from "#contract/problems.ts";
import { createApp } from "./app.ts";
import { envOf } from "./env.ts";
import { randomId } from "./random-id.ts";

let app: ReturnType<typeof createApp> | undefined;

/** The runtime finds Durable Objects among the exports of the entry. */
export { AccountObject } from "./accounts/account-object.ts";

function appFor(bindings: object): ReturnType<typeof createApp> | undefined {
  try {
    app ??= createApp(envOf(bindings));
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
} satisfies ExportedHandler<object>;
