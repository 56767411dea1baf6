// An edge as far as the origin pushes to it: a server that checks every signature and keeps what came.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { jwtVerify } from "jose";
import { AccountSnapshot } from "#contract/accounts.ts";
import { assertionHeader, pushAudience, pushIssuer } from "#contract/assertion.ts";

export async function startPushedEdge(edgeKey: string) {
  const edge = {
    url: "",
    /** What it holds, by account. */
    held: new Map<string, AccountSnapshot>(),
    /** Requests that brought nothing new. */
    repeats: 0,
    atOnceMax: 0,
    faults: [] as unknown[],
    /** Answers 503 while it is, and counts. */
    away: false,
    refused: 0,
    answerAfterMs: 0,
    stop: async () => {},
  };
  let atOnce = 0;

  const take = async (method: string, path: string, token: string, body: Buffer) => {
    const { payload } = await jwtVerify(token, Buffer.from(edgeKey), {
      algorithms: ["HS256"],
      issuer: pushIssuer,
      audience: pushAudience,
      maxTokenAge: 60,
      requiredClaims: ["exp"],
    });
    const bound = { method: payload.method, path: payload.path, sha256: payload.body_sha256 };
    const found = { method, path, sha256: createHash("sha256").update(body).digest("hex") };
    if (JSON.stringify(bound) !== JSON.stringify(found)) throw new Error(`signed for ${JSON.stringify(bound)}`);
    const snapshot = AccountSnapshot.parse(JSON.parse(body.toString()));
    if (path !== `/internal/accounts/${snapshot.account}`) throw new Error(`${snapshot.account} at ${path}`);
    const before = edge.held.get(snapshot.account);
    if (before && before.version >= snapshot.version) edge.repeats += 1;
    else edge.held.set(snapshot.account, snapshot);
  };

  const server = createServer(async (request, response) => {
    edge.atOnceMax = Math.max(edge.atOnceMax, ++atOnce);
    const body = await buffer(request);
    if (edge.answerAfterMs > 0) await sleep(edge.answerAfterMs);
    const { method = "", url = "", headers } = request;
    const status = edge.away
      ? 503
      : await take(method, url, String(headers[assertionHeader]), body).then(
          () => 204,
          (fault) => {
            edge.faults.push(fault);
            return 401;
          },
        );
    if (edge.away) edge.refused += 1;
    atOnce -= 1;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  edge.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is one
  edge.stop = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return edge;
}
