// Whatever meets a text from outside costs in proportion to its length: no pattern of ours takes its square.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, tokTypes } from "acorn";
import { transformSync } from "esbuild";
import { checkSync } from "recheck";
import { expect, test, vi } from "vitest";

const ROOT = new URL("../src", import.meta.url);

function* sources() {
  for (const entry of readdirSync(ROOT, { recursive: true, withFileTypes: true }))
    if (entry.name.endsWith(".ts")) yield join(entry.parentPath, entry.name);
}

/** All regular expressions that are written in the sources, with their flags, and what else makes some. */
function patterns() {
  const literals = new Map();
  let made = 0;
  for (const path of sources()) {
    const { code } = transformSync(readFileSync(path, "utf8"), { loader: "ts" });
    parse(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      onToken: (token) => {
        if (code.slice(token.start, token.end) === "RegExp") made += 1;
        if (token.type !== tokTypes.regexp) return;
        const literal = code.slice(token.start, token.end);
        const end = literal.lastIndexOf("/");
        literals.set(literal, new RegExp(literal.slice(1, end), literal.slice(end + 1)));
      },
    });
  }
  return { literals: [...literals.values()], made };
}

// Long patterns take seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const { literals, made } = patterns();

test.each(literals.map((pattern) => [pattern]))("%s takes time in proportion to the text", (pattern) => {
  expect(checkSync(pattern.source, pattern.flags, { timeout: null })).toMatchObject({ status: "safe" });
});

test.each([[/[\w-]+\.local\b/], [/"(?:[^"\\]|\\.)*"/], [/(a+)+b/], [/\s+$/]])(
  "%s, which is not linear, is found",
  (pattern) => {
    expect(checkSync(pattern.source, pattern.flags, { timeout: null })).toMatchObject({
      status: "vulnerable",
    });
  },
);

test("every pattern is a literal, which this test can find", () => {
  expect(made).toBe(0);
  expect(literals.length).toBeGreaterThan(15);
});
