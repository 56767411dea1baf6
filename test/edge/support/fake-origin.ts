// An origin that checks every assertion as the real one must, records what it got, and answers what a test tells it to.
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { jwtVerify } from "jose";
import { Assertion, assertionAudience, assertionHeader, assertionIssuer } from "#contract/assertion.ts";

export type Recorded = { method: string; path: string; headers: IncomingHttpHeaders; body: string; assertion?: Assertion };
export type Answer = { status: number; headers?: Record<string, string>; body?: unknown; delayMs?: number; hangUp?: boolean };

export async function startFakeOrigin(edgeKey: string) {
  const requests: Recorded[] = [];
  const faults: unknown[] = [];
  const state: { answer: (request: Recorded) => Answer } = { answer: () => ({ status: 200, body: {} }) };

  async function verified({ method, path, headers, body }: Recorded): Promise<Assertion> {
    const { payload } = await jwtVerify(String(headers[assertionHeader]), new TextEncoder().encode(edgeKey), {
      algorithms: ["HS256"],
      issuer: assertionIssuer,
      audience: assertionAudience,
      requiredClaims: ["iat", "exp"],
      maxTokenAge: 60,
    });
    const assertion = Assertion.parse(payload);
    const digest = createHash("sha256").update(body).digest("hex");
    if (assertion.method !== method || assertion.path !== path || assertion.body_sha256 !== digest)
      throw new Error("asserted for another request");
    return assertion;
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    const recorded: Recorded = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
    requests.push(recorded);
    if (url.startsWith("/v1/")) {
      try {
        recorded.assertion = await verified(recorded);
      } catch (fault) {
        faults.push(fault);
      }
    }
    const answer = state.answer(recorded);
    if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
    if (answer.hangUp) return void request.socket.destroy();
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {});
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake origin has no port");

  return {
    port: address.port,
    requests,
    faults,
    answerWith(answer: Answer | ((request: Recorded) => Answer)) {
      state.answer = typeof answer === "function" ? answer : () => answer;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
