import { expect, test } from "vitest";
import { decodeAnswer, encodeCall } from "./xml-rpc.ts";

const answer = (value: string) =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>${value}</value>\n</param>\n</params>\n</methodResponse>\n`;

test("parameters go out by position, with their types", () => {
  expect(encodeCall("convert", ["/a&b", null, false, ["<x>"]])).toBe(
    '<?xml version="1.0"?><methodCall><methodName>convert</methodName><params><param><value><string>/a&amp;b</string></value></param><param><value><nil/></value></param><param><value><boolean>0</boolean></value></param><param><value><array><data><value><string>&lt;x&gt;</string></value></data></array></value></param></params></methodCall>',
  );
});

test("a string comes back as it was sent", () => {
  expect(decodeAnswer(answer('<string>{"a": "&lt;b&gt; &amp;amp; &#233;&#x1F600;"}</string>'))).toBe('{"a": "<b> &amp; é😀"}');
});

test("a fault is an error", () => {
  const fault =
    "<methodResponse><fault><value><struct><member><name>faultString</name><value><string>x</string></value></member></struct></value></fault></methodResponse>";
  expect(() => decodeAnswer(fault)).toThrow("fault");
});
