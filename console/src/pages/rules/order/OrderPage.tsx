import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useMay } from "../../../api/account";
import { orderRules, type RuleItem, RULES_KEY, type RulePage, useOrderEffect, useRules } from "../../../api/rules";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { queryClient } from "../../../live/client";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { QueryState } from "../../../ui/QueryState";
import { Empty, Forbidden } from "../../../ui/StateBlock";
import { useLater } from "../../../ui/useLater";
import { useMayWhy } from "../../../ui/useMayWhy";
import "../../../styles/configs.css";
import "../../../styles/rules.css";
import { Backtest } from "../trial/Backtest";
import { merged } from "./move";
import { OrderEffect } from "./OrderEffect";
import { OrderList } from "./OrderList";

const QUIET_MS = 300;

/** In which order the rules in force are asked: moved by hand, its effect beside it, kept at once. */
export function OrderPage() {
  const { t } = useI18n();
  const rules = useRules();
  const may = useMay();
  return (
    <div className="stack">
      <PageHead title={t("order.title")} crumbs={[{ label: t("nav.rules"), to: "/rules" }]} scoped={false} />
      {may("rules:publish") ? (
        <QueryState query={rules} rows={8} pace="list">
          {(page) => <Loaded page={page} />}
        </QueryState>
      ) : (
        <Forbidden permission="rules:publish" />
      )}
    </div>
  );
}

function Loaded({ page }: { page: RulePage }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const why = useMayWhy()("rules:publish");
  const inForce = useMemo(() => page.items.filter(({ published_version: version }) => version !== null).toSorted(byAsking), [page]);
  const now = useMemo(() => inForce.map(({ rule_id }) => rule_id), [inForce]);
  const [wanted, setWanted] = useState<readonly string[]>();
  const [saving, setSaving] = useState(false);
  const order = useMemo(() => (wanted === undefined ? now : merged(wanted, now)), [wanted, now]);
  const changed = order.some((id, at) => id !== now[at]);
  const asked = useLater(changed ? order : undefined, QUIET_MS);
  const effect = useOrderEffect(changed ? asked : undefined, page.set_no);
  const after = useMemo(() => new Map((changed ? effect.data?.moved : undefined)?.map((move) => [move.rule_id, move.after])), [changed, effect.data]);
  if (inForce.length < 2) return <Empty icon="branch" title={t("order.few")} />;
  return (
    <div className="rule-editor order">
      <section className="card" aria-label={t("order.title")}>
        <p className="dim pad small">{t("order.help")}</p>
        <OrderList order={order} rules={new Map(inForce.map((rule) => [rule.rule_id, rule]))} after={after} set={setWanted} />
        <div className="publish-foot row end">
          <button type="button" className="button" disabled={!changed} onClick={() => setWanted(undefined)}>
            {t("order.reset")}
          </button>
          <button type="button" className="button primary" disabled={!changed || why !== undefined} title={why} onClick={() => setSaving(true)}>
            {t("order.save")}
          </button>
        </div>
      </section>
      <section className="card rule-side pad" aria-label={t("order.effect")}>
        <h2 className="part-title">{t("order.effect")}</h2>
        {changed ? (
          <>
            <QueryState query={effect} rows={3}>
              {(found) => <OrderEffect effect={found} />}
            </QueryState>
            <h3 className="part-title">{t("rule.tab.backtest")}</h3>
            <Backtest id={undefined} order={asked} blocked={asked === undefined} />
          </>
        ) : (
          <p className="dim">{t("order.same")}</p>
        )}
      </section>
      {saving && (
        <ActionDialog
          title={t("order.save.title")}
          act={t("order.save.act", { count: effect.data?.moved.length ?? 0 })}
          close={() => setSaving(false)}
          ready={effect.data !== undefined}
          preview={async () => ({ wayBack: t("order.back") })}
          previewKey={order.join(" ")}
          reason="required"
          run={(wish) => orderRules(order, page.set_no, wish)}
          done={() => {
            void queryClient.invalidateQueries({ queryKey: [RULES_KEY] });
            void navigate({ to: "/rules" });
            return t("order.done");
          }}
        >
          {effect.data && <OrderEffect effect={effect.data} />}
        </ActionDialog>
      )}
    </div>
  );
}

/** As the server asks: the highest priority in force first, of two equal ones the lower id. */
const byAsking = (a: RuleItem, b: RuleItem): number => (b.published_priority ?? 0) - (a.published_priority ?? 0) || (a.rule_id < b.rule_id ? -1 : 1);
