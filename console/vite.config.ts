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

/**
 * Has the style sheet fetched at once and waited for by nobody: the skeleton carries its own styles and is painted
 * without it. `main.tsx` puts it into force before the page takes the place of the skeleton.
 */
const aside: Plugin = {
  name: "sheet-aside",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (page) => {
      if (!page.includes("<style>")) return page; // no skeleton, as on the page of stories
      const sheets: string[] = [];
      const rest = page.replace(/\s*<link rel="stylesheet"([^>]*)>/g, (_, more: string) => (sheets.push(`<link rel="preload" as="style" data-sheet${more}>`), ""));
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
