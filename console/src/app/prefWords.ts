import type { Preferences } from "../api/account";
import type { Prefs } from "./prefs";

/** What the server keeps of a reader's choices, in the words of this browser and back. */
export const fromServer = (kept: Preferences): Prefs => ({
  language: kept.language ?? null,
  theme: kept.theme,
  density: kept.density,
  zone: kept.zone === "utc" ? "utc" : "local",
  keys: kept.keys ? "on" : "off",
});

export const toServer = (prefs: Prefs): Preferences => ({
  language: prefs.language,
  theme: prefs.theme,
  density: prefs.density,
  zone: prefs.zone === "utc" ? "utc" : "browser",
  keys: prefs.keys === "on",
});
