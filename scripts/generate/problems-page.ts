import { problemCodes, problems } from "#contract/problems.ts";
import { table } from "./table.ts";

export function problemsPage() {
  const rows = problemCodes.map((code) => {
    const { status, title, retry } = problems[code];
    return [`\`${code}\``, `${status}`, title, retry];
  });
  const text = `<!-- Made by \`npm run generate\` from contract/problems.ts. Do not edit. -->
# Problems

Every refusal, and every job that failed, carries one of these rows as RFC 9457 problem details (\`application/problem+json\`).
\`type\` is \`urn:trustyconvert:problem:\` and the code.

Retry: \`never\`: the same request fails again. \`later\`: repeat it. \`auto\`: the service already tried again by itself.

${table(["Code", "Status", "Title", "Retry"], rows)}
`;
  return { path: "docs/problems.md", text };
}
