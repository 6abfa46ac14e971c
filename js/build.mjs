// Builds rtc_widget/static and holds each bundle to its size budget.
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const OUT = "../rtc_widget/static";
const BUDGETS_KIB = { widget: 46, preflight: 25, replay: 15 };

// Nothing of ours ever polls, and the relay takes JSON only: the rest of the library is a tenth of the bundle.
const UNUSED = {
  "socket\\.io-client/build/esm/index": 'export { Manager } from "./manager.js";',
  "engine\\.io-client/build/esm/transports/index":
    'import { WS } from "./websocket.js"; export const transports = { websocket: WS };',
  "engine\\.io-client/build/esm/transports/polling-(xhr|fetch)(\\.node)?":
    "export const XHR = null, Fetch = null;",
  "socket\\.io-parser/build/esm/is-binary": "export const isBinary = () => false, hasBinary = isBinary;",
  "socket\\.io-parser/build/esm/binary": "export const deconstructPacket = null, reconstructPacket = null;",
};
const jsonOverWebSocket = {
  name: "json-over-web-socket",
  setup(build) {
    for (const [path, contents] of Object.entries(UNUSED)) {
      build.onLoad({ filter: new RegExp(`${path}\\.js$`) }, () => ({ contents }));
    }
  },
};

// A replay is in the HTML of a page, where a script that was put in by another script is no module.
const FORMATS = { esm: ["widget", "preflight"], iife: ["replay"] };

for (const [format, names] of Object.entries(FORMATS)) {
  await build({
    entryPoints: names.map((name) => `src/${name}.ts`),
    outdir: OUT,
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    plugins: [jsonOverWebSocket],
    logLevel: "warning",
  });
}

for (const [name, budget] of Object.entries(BUDGETS_KIB)) {
  // A thirtieth less than what esbuild leaves.
  const path = `${OUT}/${name}.js`;
  const { code } = await minify(readFileSync(path, "utf8"), {
    module: true,
    ecma: 2022,
    compress: { passes: 3 },
  });
  writeFileSync(path, code);
  const kib = gzipSync(code, { level: 9 }).length / 1024;
  console.log(`${name}.js: ${kib.toFixed(1)} KiB gzipped (budget ${budget} KiB)`);
  if (kib > budget) {
    console.error(`${name}.js is over its budget of ${budget} KiB.`);
    process.exitCode = 1;
  }
}
