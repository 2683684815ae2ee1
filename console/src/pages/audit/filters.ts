import { useMemo } from "react";
import { type AuditFacet, type AuditWish, findValues, type Summary } from "../../api/audit";
import { useI18n } from "../../i18n/context";
import type { FacetValue, Filter } from "../../ui/filter/types";
import { ACTORS } from "./routes";
import { actionOf, kindOf, whoOf } from "./sentence";

type Counted = Pick<Summary["actors"][number], "value" | "name" | "kind" | "count">;

const MOST = 20;

/** What can be filtered by, with the numbers that the server counted. */
export function useFilters(summary: Summary | undefined, wish: AuditWish): Filter[] {
  const { t, language } = useI18n();
  return useMemo(() => {
    const labels: Record<AuditFacet, (one: Counted) => string> = {
      actor: ({ value, name, kind }) => whoOf({ actor: { kind: kind ?? "", id: value, name, address: "" } }, { t, language }),
      action: ({ value }) => actionOf(value, language),
      resource_kind: ({ value }) => kindOf(value, language),
      address: ({ value }) => value,
    };
    const valueOf = (of: AuditFacet) => (one: Counted): FacetValue => ({ value: one.value, count: one.count, label: labels[of](one) });
    const find = (of: AuditFacet) => async (text: string, signal: AbortSignal) => (await findValues(of, text, wish, signal)).map(valueOf(of));
    const listed = (of: AuditFacet, some: readonly Counted[] | undefined) => ({ values: (some ?? []).slice(0, MOST).map(valueOf(of)), find: find(of) });
    const kinds = new Map<string, number>();
    for (const { actor_kind, count } of summary?.days ?? []) kinds.set(actor_kind, (kinds.get(actor_kind) ?? 0) + count);
    return [
      {
        key: "actor", label: t("audit.who"), single: true, ...listed("actor", summary?.actors),
      },
      {
        key: "actor_kind", label: t("audit.filter.actor_kind"),
        values: ACTORS.map((kind) => ({ value: kind, label: t(`actor.kind.${kind}`), count: kinds.get(kind) ?? 0 })),
      },
      {
        key: "action", label: t("audit.filter.action"), open: true, ...listed("action", summary?.actions),
      },
      {
        key: "resource_kind", label: t("audit.filter.resource_kind"), ...listed("resource_kind", summary?.resource_kinds),
      },
      { key: "resource", label: t("audit.filter.resource"), single: true, open: true, hint: t("audit.filter.resource.hint"), values: [] },
      { key: "field", label: t("audit.filter.field"), single: true, open: true, hint: t("audit.filter.field.hint"), values: [] },
      { key: "value", label: t("audit.filter.value"), single: true, open: true, hint: t("audit.filter.value.hint"), values: [] },
      { key: "address", label: t("audit.filter.address"), single: true, open: true, hint: t("audit.filter.address.hint"), values: [], find: find("address") },
      { key: "changed", label: t("audit.filter.changed"), toggle: true, values: [{ value: "yes", label: t("audit.filter.changed") }] },
      { key: "automated", label: t("audit.filter.automated"), toggle: true, values: [{ value: "yes", label: t("audit.filter.automated") }] },
      { key: "denied", label: t("audit.filter.denied"), toggle: true, values: [{ value: "yes", label: t("audit.filter.denied") }] },
    ];
  }, [summary, wish, t, language]);
}
