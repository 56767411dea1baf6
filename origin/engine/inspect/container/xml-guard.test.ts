import fc from "fast-check";
import { expect, test } from "vitest";
import { Problem } from "#contract/problems.ts";
import { looksLikeXml, xmlGuard } from "./xml-guard.ts";

const judge = (xml: string | Buffer, pieceBytes = 7): string => {
  const bytes = Buffer.from(xml);
  const guard = xmlGuard("a.xml");
  try {
    guard.write(bytes.subarray(0, 200));
    for (let at = 200; at < bytes.length; at += pieceBytes) guard.write(bytes.subarray(at, at + pieceBytes));
    return "fine";
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

const laughs = '<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><a>&b;</a>';

test.each([
  ["<a>plain</a>"],
  ['<?xml version="1.0" encoding="UTF-8"?><!-- <!ENTITY --><a b=">" c=\'"\'><![CDATA[<!ENTITY x "y"> ]]></a>'],
  ['<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd"><a/>'],
  ['<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]><svg xmlns="&ns_svg;"/>'],
  ["<a>".repeat(400)],
  ["<a/>".repeat(5_000)],
  ['<a b="x/>" c="\'"/>'.repeat(1_000)],
])("%.60s… passes", (xml) => {
  expect(judge(xml)).toBe("fine");
});

test.each([
  [laughs],
  [Buffer.from(`\ufeff${laughs}`, "utf16le")],
  [Buffer.from(`\ufeff${laughs}`, "utf16le").swap16()],
  [Buffer.from(laughs, "utf16le")],
  ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
  ['<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'],
  ['<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'],
  ['<!DOCTYPE svg [<!ENTITY % p "x">]><svg/>'],
  ['<!DOCTYPE a [<!-- ]> --><!ENTITY x "y">]><a/>'],
  [`<!DOCTYPE a "${"x".repeat(70_000)}`],
  ['<?xml version="1.0" encoding="UTF-7"?><a/>'],
  ["\0\0\0<\0\0\0a\0\0\0/\0\0\0>"],
  ["<a>".repeat(501)],
])("an attack is refused (%#)", (xml) => {
  expect(judge(xml)).toBe("input-too-complex");
});

test("how the bytes are cut changes nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(laughs, '<!DOCTYPE a [<!-- ]> --><!ENTITY x "y">]><a/>', "<a b='>'/>"),
      fc.integer({ min: 1, max: 40 }),
      (xml, bytes) => {
        const padded = `<!--${" ".repeat(200)}-->${xml}`;
        expect(judge(padded, bytes)).toBe(judge(padded, 1));
      },
    ),
  );
});

test.each([
  ["<a/>", true],
  ["\ufeff \n<a/>", true],
  ["<!DOCTYPE html><br>", false],
  ["<html><br>", false],
  ["text", false],
])("%j is looked at as XML: %s", (text, expected) => {
  expect(looksLikeXml(Buffer.from(text))).toBe(expected);
  expect(looksLikeXml(Buffer.from(`\ufeff${text}`, "utf16le"))).toBe(expected);
});
