import { useState } from "react";
import type { Attempt } from "../../../api/tasks";
import { useKeys } from "../../../app/keys";
import { type I18n, useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { whyText, wordOf } from "../../../i18n/translate";
import { Copy } from "../../../ui/Copy";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { doerText } from "../columns";
import { OUTCOME_TONE } from "../words";
import { keyOf, runsOf } from "./lanes";
import "../../../styles/plain.css";

export const isBad = ({ outcome }: Attempt): boolean => OUTCOME_TONE[outcome] === "crit";

interface Props {
  /** Newest first. */
  attempts: readonly Attempt[];
  chosen: Attempt | undefined;
  choose: (key: string) => void;
}

/** Attempts as a table, and what the chosen one said beside it. */
export function Tries({ attempts, chosen, choose }: Props) {
  const i18n = useI18n();
  const { t } = i18n;
  const [onlyBad, setOnlyBad] = useState(false);
  const bad = attempts.filter(isBad);
  const nextBad = (): void => {
    const here = bad.findIndex((one) => one === chosen);
    const next = bad[(here + 1) % bad.length];
    if (next) choose(keyOf(next));
  };
  useKeys([
    { key: "f", label: "task.key.failed", run: () => setOnlyBad((old) => !old) },
    { key: "e", label: "task.key.next", run: nextBad },
  ]);
  return (
    <div className="tries">
      <div className="tries-list">
        <div className="tries-tools">
          <h3>{t("task.tries", { count: attempts.length })}</h3>
          {bad.length > 0 && (
            <button type="button" className="button small" aria-pressed={onlyBad} onClick={() => setOnlyBad(!onlyBad)}>
              {t("task.only.failed")} <kbd aria-hidden="true">F</kbd>
            </button>
          )}
        </div>
        <TryTable attempts={onlyBad ? bad : attempts} all={attempts} chosen={chosen} choose={choose} i18n={i18n} />
      </div>
      {chosen && <Output attempt={chosen} i18n={i18n} />}
    </div>
  );
}

interface TableProps {
  attempts: readonly Attempt[];
  all: readonly Attempt[];
  chosen: Attempt | undefined;
  choose: (key: string) => void;
  i18n: I18n;
}

function TryTable({ attempts, all, chosen, choose, i18n: { t, language } }: TableProps) {
  const numbers = new Map(runsOf(all).flatMap(([, some]) => some.map((one, index) => [keyOf(one), index + 1])));
  const waits = waitsOf(all);
  return (
    <div className="scroll-x">
      <table className="plain-table" aria-label={t("task.tab.attempts")}>
        <thead>
          <tr>
            <th>{t("task.try")}</th>
            <th>{t("task.try.result")}</th>
            <th>{t("task.error")}</th>
            <th>{t("task.try.begin")}</th>
            <th className="num">{t("task.try.wait")}</th>
            <th className="num">{t("task.token")}</th>
            <th>{t("task.doer")}</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((one) => {
            const key = keyOf(one);
            const wait = waits.get(key);
            return (
              <tr key={key} aria-current={one === chosen ? "true" : undefined} onClick={() => choose(key)}>
                <td><button type="button" className="link" onClick={() => choose(key)}>{t("task.try.name", { run: one.run_no, no: numbers.get(key) ?? one.attempt_no })}</button></td>
                <td>
                  <Status tone={OUTCOME_TONE[one.outcome]}>{t(`task.outcome.${one.outcome}`)}</Status>
                  {one.duration_ms !== null && <span className="dim"> {formatDuration(one.duration_ms / 1000, t)}</span>}
                </td>
                <td>{one.error_class === null ? <span className="dim">{t("none")}</span> : <span className="tag">{wordOf(language, "class", one.error_class)}</span>}</td>
                <td><TimeText at={one.started_at} /></td>
                <td className="num dim">{wait === undefined ? t("none") : formatDuration(wait / 1000, t)}</td>
                <td className="num mono">{one.attempt_no}</td>
                <td className="try-who" title={one.executor}>{doerText(one.executor, t)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** How long nothing was tried before each attempt but the first of its run. */
function waitsOf(attempts: readonly Attempt[]): Map<string, number> {
  const waits = new Map<string, number>();
  for (const [, some] of runsOf(attempts)) {
    some.slice(1).forEach((one, index) => {
      const end = some[index]?.ended_at;
      if (end) waits.set(keyOf(one), Math.max(0, Date.parse(one.started_at) - Date.parse(end)));
    });
  }
  return waits;
}

/** What an attempt said: why it failed, and its result as the executor sent it. */
function Output({ attempt, i18n: { t, language } }: { attempt: Attempt; i18n: I18n }) {
  const text = attempt.result === null ? "" : JSON.stringify(attempt.result, null, 2);
  return (
    <div className="tries-output">
      <div className="tries-tools">
        <h3>{t("task.output")}</h3>
        <span className="dim small">{t("task.output.masked")}</span>
        {text && <span className="push"><Copy text={text} what={t("task.output")} /></span>}
      </div>
      {attempt.error && <p className="task-error mono">{whyText(language, attempt.error)}</p>}
      {text ? <pre className="code" tabIndex={0} aria-label={t("task.output")}>{text}</pre> : <p className="dim">{t(attempt.ended_at === null ? "task.output.open" : "task.output.none")}</p>}
    </div>
  );
}
