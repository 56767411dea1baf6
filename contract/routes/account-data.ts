import { createRoute, z } from "@hono/zod-openapi";
import { AccountDeletion, AccountExport, DeletionReceipt } from "../account-data.ts";
import { AccountId } from "../ids.ts";
import { access, forwarded, json, jsonBody, refusalsWithToken } from "./shared.ts";

const withBody = ["request-invalid", "body-not-json", "body-too-large", "content-type-unsupported"] as const;

export const exportAccount = createRoute({
  operationId: "exportAccount",
  tags: ["Account"],
  method: "get",
  path: "/v1/account/export",
  summary: "Everything that is known of the account, but its files",
  description: "For owners, with a token of their session. An API key is refused.",
  ...access("keys:write", "requests"),
  responses: { 200: json("The account's data", AccountExport), ...refusalsWithToken("role-missing", "account-not-found", ...forwarded) },
});

export const deleteAccount = createRoute({
  operationId: "deleteAccount",
  tags: ["Account"],
  method: "delete",
  path: "/v1/account",
  summary: "Delete the account: its files, jobs, keys and people",
  description:
    "For owners, with a token of their session and their password. There is no way back. The ledger and the audit log stay, without names.",
  ...access("keys:write", "requests"),
  request: jsonBody(AccountDeletion),
  responses: {
    200: json("The receipt", DeletionReceipt),
    ...refusalsWithToken(
      ...withBody,
      "role-missing",
      "deletion-unconfirmed",
      "sign-in-throttled",
      "account-busy",
      "account-not-found",
      "storage-unavailable",
      ...forwarded,
    ),
  },
});

export const adminDeleteAccount = createRoute({
  operationId: "adminDeleteAccount",
  tags: ["Administration"],
  method: "delete",
  path: "/v1/admin/accounts/{id}",
  summary: "Delete an account: its files, jobs, keys and people",
  ...access("admin", "requests"),
  request: { params: z.object({ id: AccountId }), ...jsonBody(AccountDeletion.omit({ password: true })) },
  responses: {
    200: json("The receipt", DeletionReceipt),
    ...refusalsWithToken(...withBody, "deletion-unconfirmed", "account-busy", "account-not-found", "storage-unavailable", ...forwarded),
  },
});
