import { join } from "node:path";
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

/** The Worker's rows. Its schema is one object, because bindings are values and no text; its types are of another world than ours. */
async function edgeVariables(root: string): Promise<Record<string, Variable>> {
  const { EnvFields }: { EnvFields: z.ZodObject<Record<string, z.ZodType>> } = await import(join(root, "edge/env.ts"));
  const rows = Object.entries(EnvFields.shape).map(([name, schema]): [string, Variable] => {
    const { description = "", secret } = schema.meta() ?? {};
    return [name, { schema, description, ...(secret === true && { secret }) }];
  });
  return Object.fromEntries(rows);
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

export async function configPage(root: string) {
  const text = `<!-- Made by \`npm run generate\` from origin/config.ts, origin/engine/config.ts and edge/env.ts. Do not edit. -->
# Configuration

Environment variables are read once, at the start; every fault is said in one message. On one machine \`npm start\` sets all of them.

Of a variable of the origin that is marked *secret* the value may stand in a file instead, which \`NAME_FILE\` names (\`EDGE_KEY_FILE=/run/secrets/edge_key\`); a newline at
its end does not count. \`npm run secrets -- --dir DIR\` draws them all. A secret that is missing, too short or a placeholder stops the start, by name.

## The origin (\`node origin/main.ts all|api|worker|migrate\`)

${tableOf(originVariables)}

## The engine box (\`node origin/engine/main.ts\`)

${tableOf(boxVariables)}

## The edge

Variables and bindings stand in \`wrangler.toml\`, secrets are put with \`wrangler secret put NAME\`.

${tableOf(await edgeVariables(root))}
`;
  return { path: "docs/config.md", text };
}

export function environmentExample() {
  const lines = rowsOf(originVariables).map(([name, variable]) => {
    const standard = standardOf(variable);
    const file = variable.secret ? ` (Or ${name}_FILE, a file that holds it.)` : "";
    return `# ${variable.description}${file}\n${isRequired(variable) ? "" : "# "}${name}=${standard ?? ""}\n`;
  });
  const text = `# The origin's environment. Made by \`npm run generate\` from origin/config.ts. Do not edit.\n\n${lines.join("\n")}`;
  return { path: ".env.example", text };
}
