import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An authority of a test's own, and what it signs. Files are in the folder, as `name.pem` and `name.key`. */
export async function authority(folder: string, name: string) {
  const file = (which: string, end: string) => join(folder, `${which}.${end}`);
  const openssl = (...argv: string[]) => run("openssl", argv);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const ca = { pem: file(name, "pem"), key: file(name, "key") };
  await openssl("req", "-x509", ...newKey, "-days", "2", "-subj", `/CN=${name}`, "-keyout", ca.key, "-out", ca.pem);
  return {
    path: ca.pem,
    pem: await readFile(ca.pem, "utf8"),
    /** `domain`: for a server of that name; without it, for a client. */
    async issue(which: string, domain?: string) {
      const [request, extensions, pem, key] = [file(which, "csr"), file(which, "ext"), file(which, "pem"), file(which, "key")];
      await openssl("req", ...newKey, "-subj", `/CN=${which}`, "-keyout", key, "-out", request);
      await writeFile(extensions, domain ? `subjectAltName=DNS:${domain}\nextendedKeyUsage=serverAuth\n` : "extendedKeyUsage=clientAuth\n");
      await openssl(
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        ca.pem,
        "-CAkey",
        ca.key,
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        extensions,
        "-out",
        pem,
      );
      return { paths: { pem, key }, cert: await readFile(pem, "utf8"), key: await readFile(key, "utf8") };
    },
  };
}
