import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { keep, kept } from "./app/kept";
import { router } from "./app/router";
import { queryClient } from "./live/client";
import { feed } from "./live/feed";
import { tellCutTexts } from "./ui/cutTitles";
import "uplot/dist/uPlot.min.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/ui.css";
import "./styles/table.css";
import "./styles/overview.css";
import "./styles/files.css";

const RELOADED = "gwf.reloaded";

// a part of this build is gone after an upgrade: load the new one, once
window.addEventListener("vite:preloadError", (event) => {
  if (kept(RELOADED, "tab") !== undefined) return;
  keep(RELOADED, 1, "tab");
  event.preventDefault();
  location.reload();
});

/** Put the style sheet into force that was fetched beside the scripts; in development there is none. */
async function dressed(): Promise<void> {
  const sheets = [...document.querySelectorAll<HTMLLinkElement>("link[data-sheet]")];
  await Promise.all(
    sheets.map(
      (link) =>
        new Promise<void>((resolve) => {
          link.onload = () => resolve();
          link.onerror = () => resolve(); // a page without its looks is still a page
          link.rel = "stylesheet";
        }),
    ),
  );
}

feed.start();
tellCutTexts();
const root = document.getElementById("root");
if (root) {
  void dressed().then(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}
setTimeout(() => keep(RELOADED, undefined, "tab"), 10_000);
