// The way to the edge: name, certificate, and that nobody stays on plain http.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { ok, type Row, reasonOf, unknown, wrong } from "./row.ts";

const answerMs = 8_000;
const certificateDaysMin = 14;
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** `authority`: PEM of a certificate authority beside the public ones. */
export async function lookAtAddress(edge: URL, authority?: string): Promise<Row[]> {
  if (edge.protocol === "http:" && loopback.test(edge.hostname)) return [ok("address", `${edge.host}: this machine, plain http`)];
  if (edge.protocol === "http:")
    return [wrong("address", "plain http", "Give the edge's https address; tokens must not cross a network in the clear.")];
  const rows = [await resolves(edge.hostname)];
  if (rows.some(({ verdict }) => verdict === "wrong")) return rows;
  const [certificate, redirect, hsts] = await Promise.all([certificateOf(edge, authority), leadsToHttps(edge), keepsToHttps(edge)]);
  return [...rows, certificate, redirect, hsts];
}

async function resolves(hostname: string): Promise<Row> {
  if (isIP(hostname) !== 0) return ok("dns", `${hostname} is an address`);
  try {
    const found = await lookup(hostname, { all: true });
    return ok("dns", found.map(({ address }) => address).join(", "));
  } catch (error) {
    const mend = "Bind the Worker to this name: a route or custom domain in wrangler.toml, in a zone of the same Cloudflare account.";
    return wrong("dns", `${hostname}: ${reasonOf(error)}`, mend);
  }
}

function certificateOf({ hostname, port }: URL, authority: string | undefined): Promise<Row> {
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port || 443),
      servername: isIP(hostname) ? "" : hostname,
      ...(authority && { ca: authority }),
    });
    const end = (row: Row) => {
      socket.destroy();
      resolve(row);
    };
    socket.setTimeout(answerMs, () => end(unknown("certificate", "no answer in time")));
    socket.on("error", (error) =>
      end(
        wrong(
          "certificate",
          reasonOf(error),
          "The name needs a certificate that browsers trust: in Cloudflare SSL/TLS, Edge Certificates.",
        ),
      ),
    );
    socket.on("secureConnect", () => end(judgeCertificate(socket.getPeerCertificate().valid_to, Date.now())));
  });
}

export function judgeCertificate(validTo: string, now: number): Row {
  const days = Math.floor((Date.parse(validTo) - now) / 86_400_000);
  return days >= certificateDaysMin
    ? ok("certificate", `${days} days left`)
    : wrong("certificate", `${days} days left`, "Its renewal has failed; look at it in Cloudflare's SSL/TLS, Edge Certificates.");
}

async function leadsToHttps({ hostname, port }: URL): Promise<Row> {
  const mend = "In Cloudflare's SSL/TLS, Edge Certificates: Always Use HTTPS.";
  if (port !== "") return unknown("http", "the address has a port of its own, so http has another that is not known");
  try {
    const { status, headers } = await fetch(`http://${hostname}/health/live`, {
      redirect: "manual",
      signal: AbortSignal.timeout(answerMs),
    });
    const leads = status >= 300 && status < 400 && headers.get("location")?.startsWith("https://");
    return leads ? ok("http", `leads to https (${status})`) : wrong("http", `answers ${status} in the clear`, mend);
  } catch (error) {
    return ok("http", `is not answered (${reasonOf(error)})`);
  }
}

async function keepsToHttps(edge: URL): Promise<Row> {
  try {
    const { headers } = await fetch(new URL("/health/live", edge), { signal: AbortSignal.timeout(answerMs) });
    const hsts = headers.get("strict-transport-security");
    return hsts === null ? wrong("hsts", "missing", "ENVIRONMENT must be production in wrangler.toml.") : ok("hsts", hsts);
  } catch (error) {
    return unknown("hsts", reasonOf(error));
  }
}
