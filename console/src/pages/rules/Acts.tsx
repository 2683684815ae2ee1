import { useMemo, useState } from "react";
import type { Document, Json } from "../../api/configs";
import { discardDraft, type Mode, publishRule, type Rule, rollbackRule, RULES_KEY, type RuleVersion, type SeenBacktest, type Switching, switchRule } from "../../api/rules";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { Diff, type DiffView } from "../../ui/diff/Diff";
import { Segments } from "../../ui/Segments";
import { Status } from "../../ui/Status";
import { Definition } from "./Definition";
import { changesInWords } from "./inWords";
import { casesOf } from "./TestResults";
import { Backtest } from "./trial/Backtest";
import { useCheck } from "./useCheck";
import { gotText, placeText } from "./words";

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
  const i18n = useI18n();
  const { t, language } = i18n;
  const [seen, setSeen] = useState<SeenBacktest | null>(null);
  const [skipped, setSkipped] = useState(false);
  const [mode, setMode] = useState<Mode>(rule.rule["mode"] === "observe" ? "observe" : "act");
  const check = useCheck(rule.rule_id, rule.rule);
  const number = rule.draft_version ?? rule.version;
  const bad = (check?.failed_tests.length ?? 0) + (check?.action_faults.length ?? 0);
  return (
    <ActionDialog
      title={t("rule.publish.title", { number })}
      width={1080}
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
      <div className="publish-parts">
        <section aria-label={t("rule.changes.what")}>
          {check && bad > 0 && (
            <div className="notice crit" role="alert">
              <ul>
                {check.failed_tests.map(({ place, name, got }) => (
                  <li key={place}>{t("rule.publish.failed", { name, got: gotText(got, language) })}</li>
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
          {rule.published === null ? <First rule={rule} /> : <Changes before={rule.published as Json} after={rule.rule as Json} from={rule.published_version ?? 0} to={number} />}
          <div className="row wrap">
            <Segments<Mode> label={t("rule.mode")} value={mode} options={MODES.map((value) => ({ value, label: t(`rule.mode.${value}`) }))} onChange={setMode} />
            <span className="dim small">{t(`rule.mode.${mode}.help`)}</span>
          </div>
        </section>
        <section aria-label={t("rule.tab.backtest")}>
          <h3 className="part-title">{t("rule.publish.backtest")}</h3>
          <Backtest id={rule.rule_id} told={setSeen} />
          {seen === null && (
            <label className="check">
              <input type="checkbox" checked={skipped} onChange={(event) => setSkipped(event.target.checked)} />
              {t("rule.publish.skip")}
            </label>
          )}
        </section>
      </div>
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
      {rule.published !== null && <Changes before={rule.published as Json} after={to.rule as Json} from={rule.published_version ?? 0} to={to.version} />}
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

/** What a rule says that never was in force. */
function First({ rule }: { rule: Rule }) {
  const { t } = useI18n();
  return (
    <>
      <p>{t("rule.publish.first")}</p>
      <Definition rule={rule.rule as Document} />
    </>
  );
}

/** What differs, in words: conditions as sentences, actions and test cases by their parts. */
function Changes({ before, after, from, to }: { before: Json; after: Json; from: number; to: number }) {
  const i18n = useI18n();
  const { t } = i18n;
  const changes = useMemo(() => changesInWords(before, after, i18n), [before, after, i18n]);
  const [view, setView] = useState<DiffView>("fields");
  return <Diff changes={changes} names={{ before: t("version.name", { number: from }), after: t("version.name", { number: to }) }} view={view} onView={setView} />;
}
