// Loaded into api and worker before their own program: what they hold is not mixed with what is only not collected yet.
const everyMs = 1_000;

const { gc } = globalThis;
if (!gc) throw new Error("Node must be started with --expose-gc");
setInterval(() => gc(), everyMs).unref();
