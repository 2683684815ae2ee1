import { type ReactNode, useState } from "react";
import { useMay } from "../../api/account";
import { type LetterDetail, useLetter } from "../../api/dlq";
import { useI18n } from "../../i18n/context";
import { whyText } from "../../i18n/translate";
import { Mono } from "../../ui/Mono";
import { QueryState } from "../../ui/QueryState";
import { type Neighbour, Related } from "../../ui/Related";
import { Status } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";
import { useMayWhy } from "../../ui/useMayWhy";
import { EditDialog, OrderDialog } from "./Orders";
import { classWord, LETTER_TONE, noteWord, VERDICT_TONE } from "./words";

/** One dead letter: why, how often, what a replay would do, and what it is about. */
export function LetterPane({ letterId }: { letterId: string }) {
  const { t } = useI18n();
  const query = useLetter(letterId);
  return (
    <QueryState query={query} rows={8} object={{ what: t("dlq.one"), id: letterId }} pace="detail">
      {(letter) => <Shown letter={letter} />}
    </QueryState>
  );
}

function Shown({ letter }: { letter: LetterDetail }) {
  const i18n = useI18n();
  const { t, language } = i18n;
  const facts: [string, ReactNode][] = [
    [t("dlq.kind"), t(`dlq.kind.${letter.kind}`)],
    [t("dlq.class"), classWord(letter.error_class, i18n)],
    [t("dlq.where"), letter.place || t("none")],
    [t("dlq.agent"), letter.hostname || letter.agent_id || t("none")],
    [t("dlq.tries"), letter.attempts],
    [t("dlq.replays"), letter.replays],
    [t("dlq.first"), <TimeText key="first" at={letter.first_seen_at} />],
    [t("dlq.last"), <TimeText key="last" at={letter.last_seen_at} />],
    [t("task.id"), <Mono key="id" text={letter.letter_id} most={32} />],
    ...(letter.description ? [[t("dlq.does"), letter.description] as [string, ReactNode]] : []),
  ];
  return (
    <div className="dlq-one">
      <p className="dlq-facts">
        <Status tone={LETTER_TONE[letter.state]}>{t(`dlq.state.${letter.state}`)}</Status>
        {letter.poison && <Status tone="warn">{t("dlq.poison.yes")}</Status>}
        {letter.probe && letter.state === "open" && <Status tone={VERDICT_TONE[letter.probe.verdict]}>{t("dlq.verdict.of", { word: t(`dlq.verdict.${letter.probe.verdict}`) })}</Status>}
      </p>
      <h2 className="mono">{letter.about}</h2>
      <p className="dlq-message mono">{whyText(language, letter.message)}</p>
      {letter.note && letter.state === "open" && (
        <p className="dlq-note">
          {t("dlq.note")}
          {t("filter.join")}
          {noteWord(letter.note, language)}
        </p>
      )}
      <Acts letter={letter} />
      <Near letter={letter} />
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {letter.probe !== null && letter.probe.findings.length > 0 && (
        <section>
          <h3>{t("dlq.findings")}</h3>
          <ul className="dlq-findings mono">{letter.probe.findings.map((found) => <li key={found}>{found}</li>)}</ul>
        </section>
      )}
      {letter.editable !== null && <pre className="code" tabIndex={0} aria-label={t("dlq.edit.content")}>{JSON.stringify(letter.editable, null, 2)}</pre>}
    </div>
  );
}

function Acts({ letter }: { letter: LetterDetail }) {
  const { t } = useI18n();
  const why = useMayWhy()("tasks:run");
  const [open, setOpen] = useState<"replay" | "drop" | "edit" | null>(null);
  if (letter.state !== "open") return null;
  const close = (): void => setOpen(null);
  const choice = { ids: [letter.letter_id] };
  return (
    <p className="row dlq-acts">
      <button type="button" className="button primary" disabled={why !== undefined} title={why} onClick={() => setOpen("replay")}>{t("dlq.replay")}</button>
      {letter.editable !== null && <button type="button" className="button" disabled={why !== undefined} title={why} onClick={() => setOpen("edit")}>{t("dlq.edit")}</button>}
      <button type="button" className="button" disabled={why !== undefined} title={why} onClick={() => setOpen("drop")}>{t("dlq.drop")}</button>
      {open === "edit" && <EditDialog letter={letter} close={close} />}
      {(open === "replay" || open === "drop") && <OrderDialog act={open} choice={choice} count={1} close={close} />}
    </p>
  );
}

/** What it came from and where it goes on. */
function Near({ letter }: { letter: LetterDetail }) {
  const { t } = useI18n();
  const may = useMay();
  const isFile = letter.kind === "upload" && letter.agent_id !== null;
  const found: (Neighbour | false)[] = [
    letter.task_id !== null && { key: "task", label: t("dlq.to.task"), to: "/tasks/$taskId" as never, params: { taskId: letter.task_id } as never },
    isFile && may("events:read") && { key: "trace", label: t("dlq.to.trace"), to: "/files/trace" as never, search: { agent: letter.agent_id, path: letter.about } as never },
    !isFile && letter.file_event_id !== null && may("events:read") && { key: "trace", label: t("dlq.to.trace"), to: "/files/trace" as never, search: { event: letter.file_event_id } as never },
    letter.flow_run_id !== null && may("flows:read") && { key: "run", label: t("dlq.to.run"), to: "/runs/$runId" as never, params: { runId: letter.flow_run_id } as never },
    letter.rule_id !== null && { key: "rule", label: t("dlq.to.rule"), to: "/rules/$ruleId" as never, params: { ruleId: letter.rule_id } as never },
    isFile && { key: "file", label: t("dlq.to.file"), to: "/files" as never, search: { agent: letter.agent_id, path: letter.about } as never },
    letter.agent_id !== null && may("fleet:read") && { key: "agent", label: t("dlq.to.agent"), to: "/agents/$agentId" as never, params: { agentId: letter.agent_id } as never },
    may("audit:read") && { key: "audit", label: t("dlq.to.audit"), to: "/audit" as never, search: { q: letter.run_id ?? letter.letter_id } as never },
  ];
  return <Related neighbours={found.filter((one) => one !== false)} />;
}
