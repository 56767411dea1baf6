import { describe } from "vitest";
import { originSuite } from "./origin-suite.ts";
import { freshPostgres } from "./support/fresh-database.ts";

describe("the origin on PostgreSQL", () => originSuite(freshPostgres));
