// Builds what the pages load: one style sheet, the scripts, the icons, the patterns. The same sources give the same bytes.
// `node build.mjs` writes; `node build.mjs --check` builds beside it and fails when what is committed differs.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const committed = join(here, "../platform/regulars/static/regulars");
/** The most a file may weigh on the wire, in bytes of gzip. */
const budget = { "regulars.css": 40_000, "regulars.js": 25_000, "charts.js": 190_000, "icons.svg": 12_000 };

/** @param {string} folder */
function files(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** @param {string} target */
function styles(target) {
  const command = join(here, "node_modules/@tailwindcss/cli/dist/index.mjs");
  execFileSync(process.execPath, [command, "--input", "css/regulars.css", "--output", join(target, "regulars.css"), "--minify"], { cwd: here, stdio: "pipe" });
}

/** @type {Record<string, string>} which scripts there are, and whose work is in them besides ours */
const scripts = {
  "regulars.js": "/* Regulars; with Stimulus 3 (MIT) */",
  "charts.js": "/* Regulars; with Apache ECharts 6 (Apache-2.0) and tslib (0BSD) */", // loaded in the back office alone
};

/** @param {string} target @param {string} name */
async function script(target, name) {
  await build({
    entryPoints: [join(here, "js", name)],
    outfile: join(target, name),
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2021",
    legalComments: "none",
    banner: { js: scripts[name] },
  });
}

/** @param {string} target */
function icons(target) {
  /** @type {{ icons: Record<string, string> }} */
  const { icons: names } = JSON.parse(readFileSync(join(here, "icons.json"), "utf8"));
  const symbols = Object.keys(names).sort().map((name) => {
    const drawing = readFileSync(join(here, "node_modules/lucide-static/icons", `${names[name]}.svg`), "utf8");
    const inside = drawing.slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${inside.replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>")}</symbol>`;
  });
  writeFileSync(join(target, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg"><!-- drawings: lucide (ISC) -->\n${symbols.join("\n")}\n</svg>\n`);
}

/** @param {string} target */
async function everything(target) {
  mkdirSync(target, { recursive: true });
  styles(target);
  for (const name of Object.keys(scripts)) await script(target, name);
  icons(target);
  cpSync(join(here, "patterns"), join(target, "patterns"), { recursive: true });
  cpSync(join(here, "favicon.svg"), join(target, "favicon.svg"));
}

/** @param {string} target @returns {string[]} what weighs more than it may */
function heavy(target) {
  return Object.entries(budget).flatMap(([name, most]) => {
    const weight = gzipSync(readFileSync(join(target, name)), { level: 9 }).length;
    console.log(`${name}: ${weight} bytes of gzip (at most ${most})`);
    return weight > most ? [`${name} weighs ${weight} bytes of gzip, more than ${most}`] : [];
  });
}

/** @param {string} target @returns {string[]} what differs from the committed files */
function differences(target) {
  const names = [...new Set([...files(target), ...files(committed)])].sort();
  return names.flatMap((name) => {
    const [fresh, kept] = [join(target, name), join(committed, name)];
    if (!existsSync(kept)) return [`${name} is built but not committed`];
    if (!existsSync(fresh)) return [`${name} is committed but not built`];
    return readFileSync(fresh).equals(readFileSync(kept)) ? [] : [`${name} differs from what its sources build`];
  });
}

/** Puts what was built where the pages find it, and takes away what is built no longer; the folder is never empty meanwhile. @param {string} fresh */
function commit(fresh) {
  cpSync(fresh, committed, { recursive: true });
  for (const name of files(committed)) if (!existsSync(join(fresh, name))) rmSync(join(committed, name));
}

const checking = process.argv.includes("--check");
const target = mkdtempSync(join(tmpdir(), "regulars-assets-"));
/** @type {string[]} */
let faults = [];
try {
  await everything(target);
  faults = [...heavy(target), ...(checking ? differences(target) : [])];
  if (!checking) commit(target);
} finally {
  rmSync(target, { recursive: true, force: true });
}
if (faults.length) {
  console.error(faults.join("\n"));
  if (checking) console.error("Run `npm run build` in assets/ and commit what it writes.");
  process.exitCode = 1;
}
