import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompress } from "./build/precompress.ts";

// Chromium 109 is the last one for Windows 7 and 8, which old ward PCs still run.
const target = "chrome109";
const server = process.env["BENHAN_SERVER"] ?? "https://127.0.0.1:8443";
const proxy = Object.fromEntries(
  ["/api", "/dicom-web"].map((path) => [path, { target: server, secure: false, changeOrigin: true }]),
);

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // Fonts and icons stay files: the content security policy allows no data: URLs.
  build: { target, manifest: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, cssTarget: target },
  server: { proxy },
  preview: { proxy },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
