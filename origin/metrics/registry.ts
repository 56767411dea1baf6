import { Registry } from "prom-client";

/** What is counted once per process, wherever it happens; `wire` adds what it builds to it. */
export const metrics = new Registry();
