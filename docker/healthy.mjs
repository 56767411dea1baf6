// The health check of a container: asks the role itself. `node healthy.mjs URL` ends with 0 when it answers 200 and does not say that it is not ready.
import { get } from "node:http";

const asked = get(process.argv[2], { timeout: 4_000 }, async (response) => {
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += piece;
  console.log(text.slice(0, 2_000));
  process.exitCode = response.statusCode === 200 && !text.includes('"ready":false') ? 0 : 1;
});
asked
  .on("timeout", () => asked.destroy(new Error("no answer in time")))
  .on("error", (error) => {
    console.log(error.message);
    process.exitCode = 1;
  });
