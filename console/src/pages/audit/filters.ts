import { useMemo } from "react";
import type { Summary } from "../../api/audit";
import { useI18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import type { Filter } from "../../ui/filter/types";
import { ACTORS } from "./routes";
import { kindOf, verbOf } from "./sentence";

const MOST = 20;

/** What can be filtered by, with the numbers that the server counted. */
export function useFilters(summary: Summary | undefined): Filter[] {
  const { t, language } = useI18n();
  return useMemo(() => {
    const kinds = new Map<string, number>();
    for (const { actor_kind, count } of summary?.days ?? []) kinds.set(actor_kind, (kinds.get(actor_kind) ?? 0) + count);
    return [
      {
        key: "actor_kind", label: t("audit.filter.actor_kind"),
        values: ACTORS.map((kind) => ({ value: kind, label: t(`actor.${kind}`), count: kinds.get(kind) ?? 0 })),
      },
      {
        key: "actor", label: t("audit.filter.actor"), single: true, open: true,
        values: (summary?.actors ?? []).slice(0, MOST).map(({ value, name, kind, count }) => ({
          value, count, label: name || (kind === "system" ? t("actor.system") : `${wordOf(language, "actor", kind ?? "")} ${value}`),
        })),
      },
      {
        key: "action", label: t("audit.filter.action"), open: true,
        values: (summary?.actions ?? []).slice(0, MOST).map(({ value, count }) => ({ value, count, label: `${verbOf(value, language)} · ${value}` })),
      },
      {
        key: "resource_kind", label: t("audit.filter.resource_kind"), open: true,
        values: (summary?.resource_kinds ?? []).slice(0, MOST).map(({ value, count }) => ({ value, count, label: kindOf(value, language) })),
      },
      { key: "field", label: t("audit.filter.field"), single: true, open: true, values: [] },
      { key: "changed", label: t("audit.filter.changed"), toggle: true, values: [{ value: "yes", label: t("audit.filter.changed") }] },
      { key: "automated", label: t("audit.filter.automated"), toggle: true, values: [{ value: "yes", label: t("audit.filter.automated") }] },
    ];
  }, [summary, t, language]);
}
