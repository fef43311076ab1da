import { defineConfig } from "vite";

// Everything is a file of its own: the page's policy forbids inline scripts, styles and data.
export default defineConfig({
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 2000, modulePreload: { polyfill: false } },
  server: { proxy: Object.fromEntries(["/collections", "/plans", "/whatif", "/curve", "/isochrones", "/tiles", "/jobs", "/api", "/scenarios", "/compare", "/remedies", "/intake"].map((p) => [p, `http://127.0.0.1:${process.env["CAREGRID_PORT"] ?? 8080}`])) },
});
