import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useMay } from "../../../api/account";
import type { Document } from "../../../api/configs";
import { type DryRun, RULES_KEY, tryRule } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { useLater } from "../../../ui/useLater";
import { QueryState } from "../../../ui/QueryState";
import { Segments } from "../../../ui/Segments";
import { Forbidden } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { byPointer, ConditionView } from "../cond/ConditionView";
import { Drafts, Stories } from "./Stories";
import { type Sample, START, wishOf } from "./sample";

interface Props {
  /** undefined = a new rule. */
  id: string | undefined;
  /** As it is being written. */
  rule: Document;
  start?: Sample | undefined;
  /** Keeps the event as a test case. */
  keep?: ((event: Document, matched: boolean) => void) | undefined;
}

const QUIET_MS = 600;

/** What an event would come to: the rule condition by condition, what would be done, and every other rule. */
export function TryPanel({ id, rule, start = START, keep }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const [sample, setSample] = useState<Sample>(start);
  const wish = useMemo(() => wishOf(sample), [sample]);
  const later = useLater(useMemo(() => (wish ? { ...wish, rule } : null), [wish, rule]), QUIET_MS);
  const tried = useQuery({
    queryKey: [RULES_KEY, "try", id, later],
    queryFn: ({ signal }) => tryRule(id, later ?? {}, signal),
    enabled: later !== null && may("rules:write"),
    placeholderData: (before) => before,
    retry: false,
    gcTime: 30_000,
  });
  if (!may("rules:write")) return <Forbidden permission="rules:write" />;
  const event = sample.kind === "event" ? (wish?.event as Document | undefined) : sample.kind === "path" ? ({ path: sample.path.trim() } as Document) : undefined;
  return (
    <div className="try">
      <SampleForm sample={sample} set={setSample} />
      {wish === null && sample.kind === "event" && <p className="notice warn">{t("try.bad.json")}</p>}
      {later !== null && (
        <QueryState query={tried} rows={6} object={{ what: t("events.one"), id: sample.rowId }}>
          {(found) => (
            <>
              <Answer found={found} rule={rule} />
              {keep && event && (
                <p>
                  <button type="button" className="button small" onClick={() => keep(event, matchedOf(found))}>
                    {t("try.keep")}
                  </button>
                </p>
              )}
            </>
          )}
        </QueryState>
      )}
    </div>
  );
}

const matchedOf = ({ tried, rules }: DryRun): boolean => {
  const mine = rules.find(({ rule_id }) => rule_id === tried?.rule_id);
  return mine?.trace?.ok === true;
};

function SampleForm({ sample, set }: { sample: Sample; set: (sample: Sample) => void }) {
  const { t } = useI18n();
  return (
    <div className="sample">
      <Segments
        label={t("try.with")}
        value={sample.kind}
        options={(["path", "event", "row"] as const).map((value) => ({ value, label: t(`try.with.${value}`) }))}
        onChange={(kind) => set({ ...sample, kind })}
      />
      {sample.kind === "path" && (
        <input className="input mono grow" aria-label={t("try.with.path")} value={sample.path} placeholder="/var/log/app/a.log" spellCheck={false} onChange={(event) => set({ ...sample, path: event.target.value })} />
      )}
      {sample.kind === "row" && (
        <>
          <select className="input" aria-label={t("try.row.kind")} value={sample.rowKind} onChange={(event) => set({ ...sample, rowKind: event.target.value === "event" ? "event" : "file" })}>
            <option value="file">{t("try.row.file")}</option>
            <option value="event">{t("try.row.event")}</option>
          </select>
          <input className="input mono" aria-label={t("try.with.row")} value={sample.rowId} inputMode="numeric" placeholder={t("try.row.hint")} onChange={(event) => set({ ...sample, rowId: event.target.value })} />
        </>
      )}
      {sample.kind === "event" && (
        <textarea className="input mono" aria-label={t("try.with.event")} rows={8} value={sample.event} spellCheck={false} onChange={(event) => set({ ...sample, event: event.target.value })} />
      )}
    </div>
  );
}

function Answer({ found, rule }: { found: DryRun; rule: Document }) {
  const { t } = useI18n();
  const mine = found.rules.find(({ rule_id }) => rule_id === found.tried?.rule_id);
  const traces = useMemo(() => byPointer(mine?.trace), [mine]);
  const names = useMemo(() => new Map(found.rules.map(({ rule_id, name }) => [rule_id, name])), [found]);
  const was = found.before.matched.some(({ rule_id }) => rule_id === mine?.rule_id);
  return (
    <div className="try-answer">
      {mine && (
        <p className="try-verdict">
          <Status tone={mine.outcome === "matched" ? "ok" : mine.outcome === "shadowed" ? "hold" : "mute"} size={14}>
            {t(`outcome.${mine.outcome}`)}
          </Status>
          <span className="dim">{t(was ? "try.was.matched" : "try.was.not")}</span>
        </p>
      )}
      {mine?.trace && <ConditionView condition={rule["when"]} traces={traces} />}
      <h3 className="part-title">{t("try.actions")}</h3>
      <Drafts decision={found.after} names={names} />
      <Stories stories={found.rules} about={mine?.rule_id} />
      <p className="dim small">{t("try.readonly")}</p>
    </div>
  );
}
