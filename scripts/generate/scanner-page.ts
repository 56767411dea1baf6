import { clamdSettings } from "#origin/scanner/settings.ts";
import { table } from "./table.ts";

export function scannerPage() {
  const settings = Object.entries(clamdSettings());
  const text = `<!-- Made by \`npm run generate\` from origin/scanner/settings.ts. Do not edit. -->
# The scanner

Nothing is converted before clamd has said OK to all of it, so its OK must mean that it has read all of it. Every clamd of \`CLAMD\` needs these rows in its \`clamd.conf\`
(Debian: \`/etc/clamav/clamd.conf\`); \`npm start\` writes them for its own.

\`\`\`
${settings.map(([name, { value }]) => `${name} ${value}`).join("\n")}
\`\`\`

${table(
  ["Setting", "Why"],
  settings.map(([name, { why }]) => [`\`${name}\``, why]),
)}

\`MaxRecursion\` may be 100 at most (its standard is 17). Sizes follow from the largest \`fileBytesMax\` of \`contract/tiers.ts\`; clamd's own limit is 2 GiB. What is scanned lies in
clamd's temporary directory, at worst \`MaxThreads\` times \`MaxScanSize\`. Over TCP clamd knows no password: its address must be reachable by the workers only.

## The self-test

A worker asks each clamd before it counts as ready (\`origin/scanner/self-test.ts\`, a fraction of a second): whether it would take the largest file and unpack one as large, whether it finds the EICAR test file, plain and inside of a
zip, an OLE2 file and a PDF, and whether it says of an encrypted zip, an encrypted PDF and a zip nested too deep that it has not read them.

- At the start, a clamd that answers and fails the test ends the start, with a message that names its address and the settings.
- A clamd that is away at the start is waited for: jobs stay queued and say \`waiting_for: scanner\`.
- One that was away, or was not asked for half a minute, is tested again. When it fails, it gets no file, the log says why as an error, and the other clamds go on.

The test leaves seven lines about EICAR and heuristics in clamd's log, each time.
`;
  return { path: "docs/scanner.md", text };
}
