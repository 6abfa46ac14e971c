// Builds rtc_widget/static and holds each bundle to its size budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const OUT = "../rtc_widget/static";
const BUDGETS_KIB = { widget: 45, doctor: 25 };

// Nothing of ours ever polls, and the library's other transports are a twentieth of the bundle.
const webSocketOnly = {
  name: "web-socket-only",
  setup(build) {
    build.onLoad({ filter: /engine\.io-client\/build\/esm\/transports\/index\.js$/ }, () => ({
      contents: 'import { WS } from "./websocket.js"; export const transports = { websocket: WS };',
    }));
  },
};

await build({
  entryPoints: Object.keys(BUDGETS_KIB).map((name) => `src/${name}.ts`),
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  plugins: [webSocketOnly],
  logLevel: "warning",
});

for (const [name, budget] of Object.entries(BUDGETS_KIB)) {
  const kib = gzipSync(readFileSync(`${OUT}/${name}.js`), { level: 9 }).length / 1024;
  console.log(`${name}.js: ${kib.toFixed(1)} KiB gzipped (budget ${budget} KiB)`);
  if (kib > budget) {
    console.error(`${name}.js is over its budget of ${budget} KiB.`);
    process.exitCode = 1;
  }
}
