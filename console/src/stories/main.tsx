import { QueryClientProvider } from "@tanstack/react-query";
import { createRootRoute, createRouter, createBrowserHistory, RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { Surroundings } from "../app/Frame";
import { parseSearch, stringifySearch, validateFrame } from "../app/search";
import { queryClient } from "../live/client";
import type { StoryFile } from "./story";
import "uplot/dist/uPlot.min.css";

/** Every story below its part's name; ?part=table shows one part only. */

const sheets = import.meta.glob("../styles/*.css", { eager: true });
const files = import.meta.glob<StoryFile>("./*.story.tsx", { eager: true });

queryClient.setQueryData(["me"], {
  kind: "user", id: "usr_0000000000000001", name: "wanglin", tenant: "default", csrf: null,
  permissions: ["account:self", "audit:read", "config:read", "edge:read", "events:read", "fleet:read", "tasks:read"],
});

function Stories() {
  const only = new URLSearchParams(location.search).get("part");
  const parts = Object.entries(files).map(([path, file]) => ({ part: /\/(\w+)\.story/.exec(path)?.[1] ?? path, ...file }));
  return (
    <Surroundings>
      <main className="stack" data-sheets={Object.keys(sheets).length}>
        <h1>{"/__ui"}</h1>
        {parts.filter(({ part }) => only === null || part === only).map(({ part, stories }) => (
          <section key={part} id={part} className="stack" aria-label={part}>
            <h2>{part}</h2>
            {stories.map(({ name, bare, render }) => (
              <div key={name} data-story={`${part} ${name}`}>
                <h3>{name}</h3>
                <div className={bare ? "" : "card"}>{render()}</div>
              </div>
            ))}
          </section>
        ))}
      </main>
    </Surroundings>
  );
}

const router = createRouter({
  routeTree: createRootRoute({ component: Stories, validateSearch: (search) => ({ ...search, ...validateFrame(search) }), notFoundComponent: () => null }),
  history: createBrowserHistory(),
  parseSearch,
  stringifySearch,
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
}
