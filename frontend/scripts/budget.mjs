// First load of the ward board, all bytes as they travel: index.html, the entry, the board's chunk and what they
// import, their style sheets and the fonts. Fails when it grows past the budget.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const KB = 1024;
const LIMITS = { boardRoute: 200 * KB, entryScript: 98 * KB, fonts: 60 * KB, styles: 20 * KB, lazyRoute: 64 * KB };
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

function travelling(file) {
  const bytes = readFileSync(new URL(file, dist));
  return /\.(woff2|png|webp)$/.test(file) ? bytes.length : gzipSync(bytes, { level: 9 }).length;
}
/** Every file that must arrive before the chunk `key` can run. */
function reach(key, files = new Set(), seen = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const asset of chunk.assets ?? []) files.add(asset);
  for (const next of chunk.imports ?? []) reach(next, files, seen);
  return files;
}
const sum = (files) => [...files].reduce((total, file) => total + travelling(file), 0);
const only = (files, pattern) => [...files].filter((file) => pattern.test(file));

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const board = Object.keys(manifest).find((key) => key.endsWith("app/board-page.tsx"));
if (!entry || !board) throw new Error("the manifest names no entry or no board chunk");

const entryFiles = reach(entry);
const fonts = readdirSync(new URL("assets/", dist)).filter((name) => name.endsWith(".woff2")).map((name) => `assets/${name}`);
const boardFiles = new Set([...entryFiles, ...reach(board), ...fonts, "index.html", "icon.svg"]);
const lines = [
  ["ward board, first load", sum(boardFiles), LIMITS.boardRoute],
  ["entry scripts", sum(only(entryFiles, /\.js$/)), LIMITS.entryScript],
  ["fonts", sum(fonts), LIMITS.fonts],
  ["style sheets, all", sum(readdirSync(new URL("assets/", dist)).filter((n) => n.endsWith(".css")).map((n) => `assets/${n}`)), LIMITS.styles],
];
for (const key of Object.keys(manifest)) {
  if (!manifest[key].isDynamicEntry || key === board) continue;
  const added = [...reach(key)].filter((file) => !boardFiles.has(file));
  lines.push([`lazy ${manifest[key].name}`, sum(added), LIMITS.lazyRoute]);
}
let failed = false;
for (const [name, size, limit] of lines) {
  const over = size > limit;
  failed ||= over;
  console.log(`${over ? "OVER" : "  ok"}  ${(size / KB).toFixed(1).padStart(7)} / ${(limit / KB).toFixed(0).padStart(3)} KB gz  ${name}`);
}
process.exit(failed ? 1 : 0);
