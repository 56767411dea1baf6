import { expect, test } from "vitest";
import { letters } from "./letters.ts";

const invitation = (inviter: string, account = "Acme") =>
  letters.invitation({ inviter, account, role: "member", id: "ath_code", publicUrl: "https://convert.example.org" });

test.each([
  "https://evil.example/x",
  "evil.example",
  "a@evil.example",
  "Win\r\nBcc: all@example.org",
  "‮moc.live",
  "<script>alert(1)</script>",
])("a name like %j is neither a link, nor a line, nor markup", (name) => {
  for (const { text, html, subject } of [invitation(name), invitation("Ann", name)]) {
    expect(text).not.toMatch(/evil\.example|Bcc:|\u202e|\r/);
    expect(html).not.toContain("<script>");
    expect(subject).toBe("You are invited");
    expect(text.match(/https?:\/\/\S+/g)).toEqual(["https://convert.example.org"]);
  }
});

test("a name of nothing but such characters is somebody", () => {
  expect(invitation("\u0000\u200b ").text).toContain("Somebody invites you");
});

test("without a page to choose a password on, the mail holds the code and no link", () => {
  const { text, html } = letters.reset({ code: "abc123" });
  expect(text).toContain("abc123");
  expect(text + html).not.toContain("http");
});

test("links are quoted in HTML", () => {
  expect(letters.verify("https://a.example/?x=1&y=%22").html).toContain('href="https://a.example/?x=1&amp;y=%22"');
});
