import { z } from "zod";
import { variables as originVariables } from "#origin/config.ts";
import { variables as boxVariables } from "#origin/engine/config.ts";
import { table } from "./table.ts";

type Variable = { schema: z.ZodType; description: string; secret?: true };

const rowsOf = (variables: Record<string, Variable>): [string, Variable][] => Object.entries(variables);

/** The value that an absent variable has, as text; undefined when it has none. */
function standardOf({ schema }: Variable): string | undefined {
  const described = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return described.default === undefined ? undefined : String(described.default);
}

const isRequired = ({ schema }: Variable): boolean => !schema.safeParse(undefined).success;

function tableOf(variables: Record<string, Variable>): string {
  const rows = rowsOf(variables).map(([name, variable]) => {
    const standard = standardOf(variable);
    const shown = isRequired(variable) ? "required" : standard ? `\`${standard}\`` : "–";
    return [`\`${name}\``, shown, `${variable.description}${variable.secret ? " *Secret.*" : ""}`];
  });
  return table(["Variable", "Default", "Meaning"], rows);
}

export async function configPage() {
  const text = `<!-- Made by \`npm run generate\` from origin/config.ts and origin/engine/config.ts. Do not edit. -->
# Configuration

Environment variables are read once, at the start; every fault is said in one message. On one machine \`npm start\` sets all of them.

## The origin (\`node origin/main.ts all|api|worker|migrate\`)

${tableOf(originVariables)}

## The engine box (\`node origin/engine/main.ts\`)

${tableOf(boxVariables)}

## The edge

The Worker's variables stand in \`wrangler.toml\`; \`EDGE_KEY\`, \`R2_ACCESS_KEY_ID\` and \`R2_SECRET_ACCESS_KEY\` are secrets (\`wrangler secret put\`).
`;
  return { path: "docs/config.md", text };
}

export function environmentExample() {
  const lines = rowsOf(originVariables).map(([name, variable]) => {
    const standard = standardOf(variable);
    return `# ${variable.description}\n${isRequired(variable) ? "" : "# "}${name}=${standard ?? ""}\n`;
  });
  const text = `# The origin's environment. Made by \`npm run generate\` from origin/config.ts. Do not edit.\n\n${lines.join("\n")}`;
  return { path: ".env.example", text };
}
