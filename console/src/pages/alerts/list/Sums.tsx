import { Link, useNavigate } from "@tanstack/react-router";
import { type AlertSum, type AlertWish, useAlertSums } from "../../../api/alerts";
import type { ListState } from "../../../app/listSearch";
import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { FilterBar } from "../../../ui/filter/FilterBar";
import type { Filter } from "../../../ui/filter/types";
import { QueryState } from "../../../ui/QueryState";
import { Segments } from "../../../ui/Segments";
import { EmptyFiltered } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { SUMMED } from "../routes";
import { labelsOf, SEVERITY_TONE } from "../words";
import { labelsOfFingerprint } from "./filters";

type Summed = (typeof SUMMED)[number];

/** What narrows the list to what a row stands for. */
function narrowed(by: Summed, { key, rule_id: rule }: AlertSum): Record<string, string[]> {
  if (by === "fingerprint") return { rule: [rule], label: labelsOfFingerprint(key) };
  return by === "group" ? { together: [key] } : { rule: [key] };
}

/** One by one, or summed up by what they have in common. */
export function By({ by }: { by: Summed | undefined }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  return (
    <Segments<Summed | "">
      label={t("alerts.by")}
      value={by ?? ""}
      options={(["", ...SUMMED] as const).map((value) => ({ value, label: t(`alerts.by.${value === "" ? "none" : value}`) }))}
      onChange={(next) => void navigate({ to: ".", search: ((old: object) => ({ ...old, by: next === "" ? undefined : next })) as never, resetScroll: false })}
    />
  );
}

interface Props {
  by: Summed;
  state: ListState;
  wish: AlertWish;
  filters: readonly Filter[];
}

/** What fires most and worst; a row opens the alerts that it stands for. */
export function Sums({ by, state, wish, filters }: Props) {
  const { t } = useI18n();
  const query = useAlertSums(wish, by);
  return (
    <section className="card" aria-label={t("alerts.by")}>
      <FilterBar filters={filters} state={state} search={t("alerts.search")} tools={<By by={by} />} />
      <QueryState query={query} rows={6} pace="list">
        {({ items }) => (items.length === 0 ? <EmptyFiltered filters={filters} state={state} /> : <Rows by={by} items={items} />)}
      </QueryState>
    </section>
  );
}

function Rows({ by, items }: { by: Summed; items: readonly AlertSum[] }) {
  const { t, language } = useI18n();
  const many = (count: number): string => (count === 0 ? t("none") : formatCount(count, language));
  return (
    <table className="alert-sums plain-cards" aria-label={t(`alerts.by.${by}`)}>
      <thead>
        <tr>
          <th>{t("alerts.severity")}</th>
          <th>{t(`alerts.by.${by}`)}</th>
          <th className="num">{t("alerts.sum.alerts")}</th>
          <th className="num">{t("alerts.status.firing")}</th>
          <th className="num">{t("alerts.status.acknowledged")}</th>
          <th className="num">{t("alerts.held")}</th>
          <th className="num">{t("alerts.count")}</th>
          <th>{t("alerts.seen")}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.key}>
            <td data-label={t("alerts.severity")}><Status tone={SEVERITY_TONE[one.worst]}>{t(`severity.${one.worst}`)}</Status></td>
            <td data-label={t(`alerts.by.${by}`)}>
              <Link to="/alerts" search={((old: object) => ({ ...old, by: undefined, ...narrowed(by, one) })) as never}>{by === "rule" ? one.rule_name || one.rule_id : one.title}</Link>
              {by !== "rule" && <span className="dim mono">{by === "fingerprint" ? labelsOfFingerprint(one.key).join(" ") : labelsOf(one.labels).join(" ")}</span>}
            </td>
            <td className="num" data-label={t("alerts.sum.alerts")}><strong>{many(one.alerts)}</strong></td>
            <td className="num" data-label={t("alerts.status.firing")}>{many(one.firing)}</td>
            <td className="num" data-label={t("alerts.status.acknowledged")}>{many(one.acknowledged)}</td>
            <td className="num" data-label={t("alerts.held")}>{many(one.held)}</td>
            <td className="num" data-label={t("alerts.count")}>{many(one.count)}</td>
            <td data-label={t("alerts.seen")}><TimeText at={one.last_seen_at} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
