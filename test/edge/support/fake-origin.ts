// An origin that checks every assertion as the real one must, records what it got, and answers what a test tells it to.
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { jwtVerify } from "jose";
import { Assertion, assertionAudience, assertionHeader, assertionIssuer } from "#contract/assertion.ts";
import { Problem, problemBody } from "#contract/problems.ts";
import { createAccounts } from "./accounts.ts";

export type Recorded = { method: string; path: string; headers: IncomingHttpHeaders; body: string; assertion?: Assertion };
export type Answer = { status: number; headers?: Record<string, string | string[]>; body?: unknown; delayMs?: number; hangUp?: boolean };

export async function startFakeOrigin(edgeKey: string) {
  /** What was forwarded; the edge's own questions about accounts are kept apart. */
  const requests: Recorded[] = [];
  const snapshotRequests: Recorded[] = [];
  const accounts = createAccounts("acme", "globex");
  const faults: unknown[] = [];
  const state: { answer: (request: Recorded) => Answer; snapshotAnswer: Answer | undefined } = {
    answer: () => ({ status: 200, body: {} }),
    snapshotAnswer: undefined,
  };

  function snapshotAnswer(path: string): Answer {
    const snapshot = accounts.snapshot(path.split("/").at(-1) ?? "");
    if (snapshot) return { status: 200, body: snapshot };
    return { status: 404, headers: { "content-type": "application/problem+json" }, body: problemBody(new Problem("account-not-found")) };
  }

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
    const asksForSnapshot = url.startsWith("/internal/accounts/");
    (asksForSnapshot ? snapshotRequests : requests).push(recorded);
    if (!url.startsWith("/health") && url !== "/foreign-jwks") {
      try {
        recorded.assertion = await verified(recorded);
      } catch (fault) {
        faults.push(fault);
      }
    }
    const answer = asksForSnapshot ? (state.snapshotAnswer ?? snapshotAnswer(url)) : state.answer(recorded);
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
    snapshotRequests,
    accounts,
    faults,
    /** Instead of the accounts' snapshots; undefined for those again. */
    answerSnapshotsWith(answer: Answer | undefined) {
      state.snapshotAnswer = answer;
    },
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
