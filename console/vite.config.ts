/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Shows the stories of all parts at /__ui while developing; a release does not carry them. */
const stories: Plugin = {
  name: "stories",
  configureServer: (server) => {
    server.middlewares.use((request: { url?: string }, _, next) => {
      if (request.url?.startsWith("/__ui")) request.url = "/stories.html";
      next();
    });
  },
};

/** Bytes from which a script is fetched before the first paint: each request costs that paint some time. */
const LARGE = 60_000;

/**
 * Has the style sheet and the large scripts fetched at once and waited for by nobody: the skeleton carries its own
 * styles and is painted without them. `boot.js` fetches the rest and runs the scripts after that paint, `main.tsx`
 * puts the sheet into force before the page takes the place of the skeleton.
 */
const aside: Plugin = {
  name: "sheet-aside",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (page, { bundle }) => {
      if (!page.includes("<style>")) return page; // no skeleton, as on the page of stories
      const large = (href: string): boolean => {
        const part = bundle?.[href.replace(/^\.\//, "")];
        return part?.type === "chunk" && part.code.length >= LARGE;
      };
      const sheets: string[] = [];
      const rest = page
        .replace(/\s*<link rel="stylesheet"([^>]*)>/g, (_, more: string) => (sheets.push(`<link rel="preload" as="style" data-sheet${more}>`), ""))
        .replace(/<link rel="modulepreload"([^>]*?) href="([^"]+)">/g, (link, more: string, href: string) => (large(href) ? link : `<link data-later${more} href="${href}">`))
        .replace(/<script type="module"([^>]*?) src="([^"]+)"><\/script>/, '<link rel="modulepreload" data-entry$1 href="$2">');
      // it stays in the head: sheets of pages are put behind it and must win
      return rest.replace("<style>", [...sheets, "<style>"].join("\n    "));
    },
  },
};

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [react(), stories, aside],
  build: {
    target: "es2022",
    sourcemap: false,
    manifest: true,
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: mode === "stories" ? "stories.html" : "index.html" },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
}));
