import { useState } from "react";
import type { Document, Json } from "../../api/configs";
import { discardDraft, type Mode, publishRule, type Rule, rollbackRule, RULES_KEY, type RuleVersion, type SeenBacktest, type Switching, switchRule } from "../../api/rules";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { Diff, type DiffView } from "../../ui/diff/Diff";
import type { FieldChange } from "../../ui/diff/values";
import { Segments } from "../../ui/Segments";
import { Status } from "../../ui/Status";
import { changesBetween } from "./changes";
import { casesOf } from "./TestResults";
import { Backtest } from "./trial/Backtest";
import { useCheck } from "./useCheck";
import { placeText } from "./words";

const MODES = ["act", "observe"] as const;

/** What puts rules into force, takes them back and out of force; each looks at what would change first. */

const renew = (): void => void queryClient.invalidateQueries({ queryKey: [RULES_KEY] });

interface Props {
  rule: Rule;
  close: () => void;
}

/** The revision that was looked at goes along: another change in between is refused and shown. */
const looked = (rule: Rule, wayBack?: string) => async () => ({ revision: String(rule.revision), ...(wayBack === undefined ? {} : { wayBack }) });

/** What the draft would have done is always looked at first, or knowingly not, which is put on record. */
export function PublishDialog({ rule, close }: Props) {
  const { t, language } = useI18n();
  const [seen, setSeen] = useState<SeenBacktest | null>(null);
  const [skipped, setSkipped] = useState(false);
  const [mode, setMode] = useState<Mode>(rule.rule["mode"] === "observe" ? "observe" : "act");
  const check = useCheck(rule.rule_id, rule.rule);
  const changes = rule.published === null ? [] : rule.changes.map(({ pointer, kind, old, new: now }): FieldChange => ({ path: pointer, kind, before: old, after: now }));
  const number = rule.draft_version ?? rule.version;
  const bad = (check?.failed_tests.length ?? 0) + (check?.action_faults.length ?? 0);
  return (
    <ActionDialog
      title={t("rule.publish.title", { number })}
      act={t("rule.publish.act", { number })}
      close={close}
      ready={check !== undefined && bad === 0 && (seen !== null || skipped)}
      preview={looked(rule, rule.published_version === null ? t("rule.publish.back.first") : t("rule.publish.back", { number: rule.published_version }))}
      previewKey={String(rule.revision)}
      reason="required"
      said={rule.reason}
      run={(order) => publishRule(rule.rule_id, { mode, seen }, order)}
      done={() => (renew(), t("rule.publish.done", { number }))}
    >
      {check && bad > 0 && (
        <div className="notice crit" role="alert">
          <ul>
            {check.failed_tests.map(({ place, name, got }) => (
              <li key={place}>{t("rule.publish.failed", { name, got })}</li>
            ))}
            {check.action_faults.map(({ pointer, message }) => (
              <li key={pointer}>
                {placeText(pointer, language)}: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      {check && bad === 0 && <Cases count={casesOf(rule.rule as Document).length} />}
      {rule.published === null ? <p>{t("rule.publish.first")}</p> : <Changes changes={changes} from={rule.published_version ?? 0} to={number} />}
      <div className="row wrap">
        <Segments<Mode> label={t("rule.mode")} value={mode} options={MODES.map((value) => ({ value, label: t(`rule.mode.${value}`) }))} onChange={setMode} />
        <span className="dim small">{t(`rule.mode.${mode}.help`)}</span>
      </div>
      <section aria-label={t("rule.tab.backtest")}>
        <h3 className="part-title">{t("rule.publish.backtest")}</h3>
        <Backtest id={rule.rule_id} told={setSeen} />
      </section>
      {seen === null && (
        <label className="check">
          <input type="checkbox" checked={skipped} onChange={(event) => setSkipped(event.target.checked)} />
          {t("rule.publish.skip")}
        </label>
      )}
    </ActionDialog>
  );
}

/** A gate that holds nothing back is not shown as passed. */
function Cases({ count }: { count: number }) {
  const { t } = useI18n();
  if (count === 0) return <Status tone="mute">{t("rule.publish.untested")}</Status>;
  return <Status tone="ok">{t("tests.passed", { good: count, all: count })}</Status>;
}

export function RollbackDialog({ rule, to, close }: Props & { to: RuleVersion }) {
  const { t } = useI18n();
  const changes = changesBetween((rule.published ?? {}) as Json, to.rule as Json);
  return (
    <ActionDialog
      title={t("rule.rollback.title", { number: to.version })}
      act={t("rule.rollback.act", { number: to.version })}
      close={close}
      preview={looked(rule, t("rule.rollback.back"))}
      previewKey={String(rule.revision)}
      reason="required"
      suggestions={[t("rule.rollback.suggest")]}
      run={(order) => rollbackRule(rule.rule_id, to.version, order)}
      done={() => (renew(), t("rule.rollback.done", { number: to.version }))}
    >
      {rule.published !== null && <Changes changes={changes} from={rule.published_version ?? 0} to={to.version} />}
    </ActionDialog>
  );
}

export function SwitchDialog({ rule, how, close }: Props & { how: Switching }) {
  const { t } = useI18n();
  return (
    <ActionDialog
      title={t(`rule.${how}.title`, { name: rule.name })}
      act={t(`rule.act.${how}`)}
      close={close}
      preview={looked(rule, t(`rule.${how}.back`))}
      previewKey={String(rule.revision)}
      reason="required"
      run={(order) => switchRule(rule.rule_id, how, order)}
      done={() => (renew(), t(`rule.${how}.done`))}
    >
      <p>{t(`rule.${how}.text`)}</p>
    </ActionDialog>
  );
}

export function DiscardDialog({ rule, close }: Props) {
  const { t } = useI18n();
  return (
    <ActionDialog
      title={t("rule.discard.title", { number: rule.draft_version ?? 0 })}
      act={t("rule.act.discard")}
      close={close}
      preview={looked(rule)}
      previewKey={String(rule.revision)}
      run={(order) => discardDraft(rule.rule_id, order)}
      done={() => (renew(), t("rule.discard.done"))}
    >
      <p>{t("rule.discard.text")}</p>
    </ActionDialog>
  );
}

function Changes({ changes, from, to }: { changes: FieldChange[]; from: number; to: number }) {
  const { t } = useI18n();
  const [view, setView] = useState<DiffView>("fields");
  return <Diff changes={changes} names={{ before: t("version.name", { number: from }), after: t("version.name", { number: to }) }} view={view} onView={setView} />;
}
