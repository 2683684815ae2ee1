import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, text } from "../../app/search";

export const SETTINGS_TABS = ["users", "tokens", "account", "appearance"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

interface SettingsSearch {
  tab?: SettingsTab | undefined;
  sel?: string | undefined;
}

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/settings",
    component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage"),
    validateSearch: (search: Record<string, unknown>): SettingsSearch => {
      const tab = SETTINGS_TABS.find((one) => one === search["tab"]);
      const sel = text(search["sel"]);
      return { ...dropped(["tab", "sel"], search), ...(tab ? { tab } : {}), ...(sel ? { sel } : {}) };
    },
  }),
] as const;
