import { Agent, get, type IncomingHttpHeaders } from "node:http";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { serve } from "./serve.ts";

test("a server that leaves answers on, and ends each connection with its answer, until it closes", async () => {
  const app = new Hono().get("/", (c) => c.text("here"));
  const listening = await serve(app, { host: "127.0.0.1", port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<IncomingHttpHeaders>((resolve, reject) => {
      get({ host: "127.0.0.1", port: listening.port, agent }, (response) =>
        response.resume().on("end", () => resolve(response.headers)),
      ).on("error", reject);
    });
  expect(await ask()).toMatchObject({ connection: "keep-alive" });
  listening.endConnections();
  listening.endConnections();
  expect(await ask()).toMatchObject({ connection: "close" });
  expect(await ask()).toMatchObject({ connection: "close" });
  await listening.close();
  await expect(ask()).rejects.toThrow("ECONNREFUSED");
  agent.destroy();
});
