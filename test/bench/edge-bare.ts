// What the edge is held against: a Worker that forwards, and does nothing else.
import { Hono } from "hono";

const app = new Hono<{ Bindings: { ORIGIN_URL: string } }>();

app.get("/v1/jobs/:id", (c) => fetch(`${c.env.ORIGIN_URL}/v1/jobs/${c.req.param("id")}`));

export default app;
