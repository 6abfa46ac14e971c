// Builds rtc_widget/static and holds each bundle to its size budget.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const OUT = "../rtc_widget/static";
const BUDGETS_KIB = {
  loader: 1,
  widget: 45,
  preflight: 25,
  replay: 20,
  join: 60,
  "room-link": 5,
  "modules/trace-panel": 40,
  "modules/preflight": 40,
  "modules/media-channel": 40,
};

// Widgets of one build share what they have loaded.
const sources = createHash("sha256");
for (const file of readdirSync("src", { recursive: true }).sort()) {
  if (/\.(ts|css)$/.test(file)) sources.update(readFileSync(`src/${file}`));
}
const BUILD = sources.digest("hex").slice(0, 16);

const COMMON = {
  bundle: true,
  minify: true,
  target: "es2022",
  define: {
    "process.env.NODE_ENV": '"production"',
    "process.env.BUILD": JSON.stringify(BUILD),
  },
  legalComments: "none",
  logLevel: "warning",
};
/**
 * The relay is reached by WebSocket alone (signaling/direct.ts), and where that fails through the kernel. The client's table
 * of transports would bring the two others, which nothing asks for, and so would its index.
 */
const ONLY_WEBSOCKET = {
  name: "only-websocket",
  setup({ onLoad }) {
    const contents = {
      "engine.io-client/build/esm/transports/index.js":
        'import { WS } from "./websocket.js"; export const transports = { websocket: WS };',
      "engine.io-client/build/esm/index.js": `
        export { Socket } from "./socket.js";
        export { installTimerFunctions } from "./util.js";
        export { nextTick } from "./globals.node.js";`,
      "socket.io-client/build/esm/index.js": 'export { Manager } from "./manager.js";',
    };
    for (const [path, text] of Object.entries(contents)) {
      const filter = new RegExp(`node_modules/${path.replaceAll(".", "\\.")}$`);
      onLoad({ filter }, () => ({ contents: text }));
    }
  },
};
const entry = (name) => `src/${name}.ts`;

await build({
  ...COMMON,
  format: "esm",
  entryPoints: ["widget", "preflight", "loader", "room-link"].map(entry),
  outdir: OUT,
  plugins: [ONLY_WEBSOCKET],
});
// A replay is in the HTML of a page, where a script that was put in by another script is no module; the script of the join
// page runs before anything else is loaded, as no module does.
await build({
  ...COMMON,
  format: "iife",
  entryPoints: ["replay", "join"].map(entry),
  outdir: OUT,
  plugins: [ONLY_WEBSOCKET],
});
// A module is loaded by the widget, whose signals it uses, and brings its style as text.
await build({
  ...COMMON,
  format: "esm",
  entryPoints: Object.keys(BUDGETS_KIB)
    .filter((name) => name.startsWith("modules/"))
    .map(entry),
  outdir: `${OUT}/modules`,
  loader: { ".css": "text" },
  alias: { "@preact/signals-core": "./src/modules/host-signals.ts" },
  plugins: [ONLY_WEBSOCKET],
});

// Joining calls nearly all there is of these. Chromium compiles each function when it is first called, in the middle of
// joining, and what is inside of it once more; told to, it compiles them all while the script is loaded (V8, explicit compile
// hints). To others it is a comment.
const CALLED_WHEN_JOINING = ["widget", "join"];
const COMPILE_HINT = "//# allFunctionsCalledOnLoad\n";

for (const [name, budget] of Object.entries(BUDGETS_KIB)) {
  // A thirtieth less than what esbuild leaves.
  const path = `${OUT}/${name}.js`;
  const hint = CALLED_WHEN_JOINING.includes(name) ? COMPILE_HINT : "";
  const { code: minified } = await minify(readFileSync(path, "utf8"), {
    module: true,
    ecma: 2022,
    compress: { passes: 3 },
    // A browser keeps a text with any other character at two bytes each.
    format: { ascii_only: true },
  });
  const code = hint + minified;
  writeFileSync(path, code);
  const kib = gzipSync(code, { level: 9 }).length / 1024;
  console.log(`${name}.js: ${kib.toFixed(1)} KiB gzipped (budget ${budget} KiB)`);
  if (kib > budget) {
    console.error(`${name}.js is over its budget of ${budget} KiB.`);
    process.exitCode = 1;
  }
}
