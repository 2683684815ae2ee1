import { useMemo } from "react";
import { useDocs } from "../../../api/alertdocs";
import { type AlertWish, useAlertFacets } from "../../../api/alerts";
import type { ListState } from "../../../app/listSearch";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";
import { serverNow } from "../../../live/now";
import type { Filter } from "../../../ui/filter/types";
import { SEVERITIES, STATUSES, TELLINGS } from "../routes";
import { personOf, SEVERITY_TONE, STATUS_TONE } from "../words";

const CHOSEN: ReadonlySet<string> = new Set(["began", "together"]);

/** The labels that tell one trouble of a rule from another, as `name=value`. */
export const labelsOfFingerprint = (fingerprint: string): string[] => fingerprint.split("\u001f").slice(1);

const OPEN: NonNullable<AlertWish["status"]> = ["firing", "acknowledged"];

/** What the address asks for, as the server takes it; without a word about it, what is not over. */
export function useAlertWish(state: ListState): AlertWish {
  return useMemo(() => {
    const [held] = state.values("held");
    const status = state.values("status");
    return {
      status: status.length > 0 ? ([...status] as typeof OPEN) : OPEN,
      severity: [...state.values("severity")] as NonNullable<AlertWish["severity"]>,
      rule: [...state.values("rule")],
      label: [...state.values("label")],
      owner: [...state.values("owner")],
      telling: [...state.values("telling")] as NonNullable<AlertWish["telling"]>,
      group: [...state.values("together")],
      ...began(state.values("began")[0]),
      ...(held === undefined ? {} : { held: held === "yes" }),
      ...(state.q ? { text: state.q.slice(0, 200) } : {}),
    };
  }, [state.id]);
}

/** A stretch of time as the address has it: two instants and a bar between them. */
export const stretchOf = (fromMs: number, toMs: number): string => `${new Date(fromMs).toISOString()}/${new Date(toMs).toISOString()}`;

function began(stretch: string | undefined): Pick<AlertWish, "began_since" | "began_until"> {
  const [since = "", until = ""] = (stretch ?? "").split("/");
  return Number.isNaN(Date.parse(since)) || Number.isNaN(Date.parse(until)) ? {} : { began_since: since, began_until: until };
}

/** The filters with how many alerts each value has. */
export function useAlertFilters(wish: AlertWish, state: ListState): { filters: Filter[]; total: number | null } {
  const { t } = useI18n();
  const found = useAlertFacets(wish).data;
  const facets = found?.facets;
  const rules = useDocs("rule").data?.items;
  const names = useMemo(() => new Map(rules?.map(({ id, name }) => [id, name])), [rules]);
  const filters = useMemo((): Filter[] => {
    const count = (of: Record<string, number> | undefined, value: string): number | undefined => (of ? (of[value] ?? 0) : undefined);
    const now = serverNow();
    const all: Filter[] = [
      { key: "status", label: t("alerts.status"), usual: t("alerts.show.open"), values: STATUSES.map((value) => ({ value, label: t(`alerts.status.${value}`), tone: STATUS_TONE[value], count: count(facets?.status, value) })) },
      { key: "severity", label: t("alerts.severity"), values: SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`), tone: SEVERITY_TONE[value], count: count(facets?.severity, value) })) },
      { key: "rule", label: t("alerts.rule"), open: true, values: Object.entries(facets?.rule ?? {}).map(([value, many]) => ({ value, count: many, label: names.get(value) ?? value })) },
      { key: "owner", label: t("alerts.owner"), open: true, values: Object.entries(facets?.owner ?? {}).filter(([value]) => value !== "").map(([value, many]) => ({ value, count: many, label: personOf(value) })) },
      { key: "label", label: t("alerts.labels"), open: true, hint: "env=prod", values: [] },
      { key: "telling", label: t("alerts.telling"), values: TELLINGS.map((value) => ({ value, label: t(`alerts.telling.${value}`) })) },
      { key: "began", label: t("alerts.began"), single: true, values: state.values("began").map((value) => ({ value, label: value.split("/").map((at) => formatClock(at, now)).join(" – ") })) },
      { key: "together", label: t("alerts.by.group"), single: true, values: state.values("together").map((value) => ({ value, label: value.slice(0, 12) })) },
      { key: "held", label: t("alerts.held"), single: true, values: [{ value: "yes", label: t("alerts.held.yes") }, { value: "no", label: t("alerts.held.no") }] },
    ];
    // a stretch of time, a group or one trouble is chosen in a picture or a table: without one there is nothing to choose from
    return all.filter(({ key, values }) => !CHOSEN.has(key) || values.length > 0);
  }, [facets, names, t, state.id]);
  return { filters, total: found?.total ?? null };
}
