import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { ROLES, TOKEN_STATES } from "../../api/settings";
import { dropped, oneOf, validateList } from "../../app/search";

export const SETTINGS_TABS = ["users", "tokens", "account", "appearance"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

/** Both lists of the page have their filters here; a tab that is left takes none along. */
const list = validateList(["role", "state", "disabled"], [], { role: ROLES, state: TOKEN_STATES, disabled: ["yes", "no"] });

type SettingsSearch = ReturnType<typeof list> & { tab?: SettingsTab | undefined };

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/settings",
    component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage"),
    validateSearch: (search: Record<string, unknown>): SettingsSearch => {
      const tab = oneOf(search["tab"], SETTINGS_TABS);
      return { ...list(search), ...dropped(["tab"], search), ...(tab ? { tab } : {}) };
    },
  }),
] as const;
