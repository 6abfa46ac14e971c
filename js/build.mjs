// Builds rtc_widget/static and holds the bundle to its size budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const OUT = "../rtc_widget/static";
const BUDGET_KIB = 45;

await build({
  entryPoints: ["src/widget.ts"],
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  logLevel: "warning",
});

const kib = gzipSync(readFileSync(`${OUT}/widget.js`), { level: 9 }).length / 1024;
console.log(`widget.js: ${kib.toFixed(1)} KiB gzipped (budget ${BUDGET_KIB} KiB)`);
if (kib > BUDGET_KIB) {
  console.error(`The bundle is over its budget of ${BUDGET_KIB} KiB.`);
  process.exit(1);
}
