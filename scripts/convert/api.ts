// The public API as a client sees it: JSON calls that give a parsed answer or throw the problem that came back.
import type { z } from "zod";
import { ProblemBody } from "#contract/problems.ts";

export type ApiOptions = { address: string; token: string; signal?: AbortSignal };

/** A refusal by the service, or a job's problem. */
export class Refused extends Error {
  readonly problem: ProblemBody;
  constructor(problem: ProblemBody) {
    super(`${problem.title}${problem.detail ? `\n${problem.detail}` : ""}\n(${problem.code})`);
    this.name = "Refused";
    this.problem = problem;
  }
}

export function api({ address, token, signal }: ApiOptions) {
  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) };
    const request = {
      method,
      headers,
      redirect: "manual",
      signal: signal ?? null,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    } as const;
    const response = await fetch(new URL(path, address), request).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw new Error(`Nothing answers at ${address}. Start it with npm start, or name another --address.`, { cause });
    });
    if (response.status < 400) return response;
    const text = await response.text();
    throw refusal(text) ?? new Error(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 300)}`);
  }
  return {
    send,
    async json<S extends z.ZodType>(schema: S, method: string, path: string, body?: unknown): Promise<z.output<S>> {
      return schema.parse(await (await send(method, path, body)).json());
    },
  };
}

export type Api = ReturnType<typeof api>;

function refusal(text: string): Refused | undefined {
  try {
    return new Refused(ProblemBody.parse(JSON.parse(text)));
  } catch {
    return undefined;
  }
}
