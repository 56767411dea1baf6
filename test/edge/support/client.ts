import { UploadTicket } from "#contract/uploads.ts";
import type { RunningEdge } from "./start-edge.ts";

export type UploadBody = { filename: string; size: number; content_type?: string; sha256?: string };

/** Calls the edge as a client of the account, whose token is good. */
export async function call(edge: RunningEdge, method: string, path: string, body?: unknown, account = "acme"): Promise<Response> {
  return fetch(`${edge.url}${path}`, {
    method,
    redirect: "manual",
    headers: {
      authorization: `Bearer ${await edge.issuer.token(account)}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

export async function announce(edge: RunningEdge, body: UploadBody, account = "acme"): Promise<UploadTicket> {
  const response = await call(edge, "POST", "/v1/uploads", body, account);
  if (response.status !== 201) throw new Error(`no ticket: ${response.status} ${await response.text()}`);
  return UploadTicket.parse(await response.json());
}

export const put = (ticket: UploadTicket, bytes: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(ticket.url, { method: ticket.method, headers: ticket.headers, body: bytes });

/** An upload whose bytes have arrived. */
export async function upload(edge: RunningEdge, filename: string, text: string, account = "acme"): Promise<string> {
  const ticket = await announce(edge, { filename, size: Buffer.byteLength(text) }, account);
  const sent = await put(ticket, text);
  if (sent.status !== 200) throw new Error(`the PUT failed: ${sent.status} ${await sent.text()}`);
  return ticket.id;
}

export const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code?: unknown }).code;
