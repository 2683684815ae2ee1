import type { Hit, HitKind } from "../../api/find";
import { actionWords } from "../../i18n/actions";
import type { I18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { serverNow } from "../../live/now";
import type { IconName } from "../../ui/Icon";

/** Types of events that the platform tells begin so. */
const OURS = "gwf.";

/** What the server found, as the palette shows it: a name, what tells it apart, and where it is. */

export const HIT_ICONS: Readonly<Record<HitKind, IconName>> = {
  agent: "server", group: "layers", config_version: "bookmark", rollout: "play", rule: "branch", file: "file", event: "bell", user: "user", audit: "clock",
};

export interface Place {
  to: string;
  search?: Record<string, string>;
}

/** Where a found thing is shown. */
export function placeOf({ kind, id, title, params }: Hit): Place {
  switch (kind) {
    case "agent":
      return { to: `/agents/${id}` };
    case "group":
      return { to: `/groups/${id}` };
    case "rollout":
      return { to: `/rollouts/${id}` };
    case "config_version":
      return { to: `/configs/${params["layer"] ?? ""}/v/${params["number"] ?? ""}` };
    case "rule":
      return { to: `/rules/${id}` };
    case "file":
      return { to: "/files", search: { ...(params["agent"] ? { agent: params["agent"] } : {}), path: title } };
    case "event":
      return { to: "/events", search: { sel: id } };
    case "user":
      return { to: "/settings", search: { tab: "users", q: title, sel: id } };
    case "audit":
      return { to: `/audit/${id}` };
  }
}

/** The list that has all of a kind with a text; none = it has no search. */
export function listOf(kind: HitKind, text: string): Place | undefined {
  if (kind === "agent") return { to: "/agents", search: { q: text } };
  if (kind === "event") return { to: "/events", search: { q: text } };
  if (kind === "rule") return { to: "/rules", search: { q: text } };
  return kind === "user" ? { to: "/settings", search: { tab: "users", q: text } } : undefined;
}

/** What people call it. */
export function hitName({ kind, id, title, params }: Hit, { language }: I18n): string {
  if (kind === "config_version") return `v${params["number"] ?? ""} · ${params["layer"] ?? ""}`;
  if (kind === "rollout") return params["reason"] ?? id;
  if (kind === "user") return params["display_name"] ? `${title} · ${params["display_name"]}` : title;
  if (kind === "event") return title.startsWith(OURS) ? wordOf(language, "eventtype", title.slice(OURS.length)) : title;
  return kind === "audit" ? `#${id} ${actionWords[language][title] ?? title}` : title;
}

/** What tells it from others of its kind. */
export function hitNote({ kind, id, params }: Hit, { language }: I18n): string {
  const word = (prefix: string, key: string): string => (params[key] ? wordOf(language, prefix, params[key]) : "");
  const parts: Record<HitKind, (string | undefined)[]> = {
    agent: [word("condition", "condition"), params["ip"]],
    group: [params["description"]],
    config_version: [params["reason"], params["author"]],
    rollout: [word("rollout.status", "status"), params["author"], id],
    rule: [word("rules.state", "state")],
    file: [word("find.file", "status"), params["host"] ?? params["agent"]],
    event: [word("severity", "severity"), params["host"] ?? params["subject"], params["at"] && formatClock(params["at"], serverNow())],
    user: [word("role", "role")],
    audit: [params["resource"]],
  };
  return parts[kind].filter(Boolean).join(" · ");
}
