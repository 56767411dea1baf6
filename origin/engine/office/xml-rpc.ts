// XML-RPC as far as UnoServer's `convert` needs it: strings, booleans, nil and lists of strings go out, a string or a fault comes back.
import { request } from "node:http";

export type XmlRpcValue = string | boolean | null | readonly string[];

const answerBytesMax = 1_000_000;

/** Calls a method on a server of this host. A fault is an error. */
export async function callXmlRpc(port: number, method: string, params: readonly XmlRpcValue[], signal: AbortSignal): Promise<string> {
  const body = Buffer.from(encodeCall(method, params));
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { "content-type": "text/xml", "content-length": body.length };
    const call = request({ host: "127.0.0.1", port, method: "POST", path: "/RPC2", headers, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > answerBytesMax) response.destroy(new Error("the answer is too long"));
        chunks.push(chunk);
      });
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
  return decodeAnswer(answer);
}

export function encodeCall(method: string, params: readonly XmlRpcValue[]): string {
  const values = params.map((value) => `<param>${encodeValue(value)}</param>`).join("");
  return `<?xml version="1.0"?><methodCall><methodName>${escaped(method)}</methodName><params>${values}</params></methodCall>`;
}

export function decodeAnswer(xml: string): string {
  const text = /<value>\s*(?:<string>)?([^<]*)(?:<\/string>)?\s*<\/value>\s*<\/param>/.exec(xml)?.[1];
  if (text === undefined || xml.includes("<fault>")) throw new Error("UnoServer answered with a fault");
  return plain(text);
}

function encodeValue(value: XmlRpcValue): string {
  if (value === null) return "<value><nil/></value>";
  if (typeof value === "boolean") return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === "string") return `<value><string>${escaped(value)}</string></value>`;
  return `<value><array><data>${value.map(encodeValue).join("")}</data></array></value>`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function plain(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    return hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : (named[name] ?? whole);
  });
}
