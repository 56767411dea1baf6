// What travels with a request through the edge.
import type { Context } from "hono";
import type { PolicyState } from "./limits/gcra.ts";

/** Facts for the one log line of the request. Never a token, a presigned URL or an option's value. */
export type RequestEvent = Record<string, string | number | undefined>;

export type EdgeContext = Context<AppEnv>;

/** On every request's way read with `c.get(name)`: `c.var` copies them all at each use. */
export type AppEnv = {
  Variables: {
    requestId: string;
    event: RequestEvent;
    /** Where the request comes from. */
    address: string;
    /** How the account's rates stand after this request. */
    rates?: readonly PolicyState[] | undefined;
  };
};
