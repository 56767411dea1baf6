import { Registry } from "prom-client";

/** The origin's metrics, one set per process. */
export const metrics = new Registry();
