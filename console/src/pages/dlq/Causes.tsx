import { useState } from "react";
import { groupsOf, type LetterFilter, type LetterGroup, probeCause, useGroups, useRenewLetters } from "../../api/dlq";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { whyText } from "../../i18n/translate";
import { Card } from "../../ui/Card";
import { QueryState } from "../../ui/QueryState";
import { Status } from "../../ui/Status";
import { useErrorText } from "../../ui/StateBlock";
import { TimeText } from "../../ui/TimeText";
import { useMayWhy } from "../../ui/useMayWhy";
import { selectedBy } from "./filters";
import { OrderDialog } from "./Orders";
import { classWord, VERDICT_TONE } from "./words";

/** What failed, by cause: how much, since when, whether the cause is gone, and all of it done again. */
export function Causes({ wish, state }: { wish: LetterFilter; state: ListState }) {
  const { t, language } = useI18n();
  const rest = groupsOf(wish);
  const query = useGroups(rest);
  const groups = query.data?.items ?? [];
  const poison = groups.reduce((all, group) => all + group.poison, 0);
  if (query.data && groups.length === 0) return null;
  return (
    <Card title={t("dlq.causes")} sub={query.data ? <Say count={query.data.total} causes={groups.length} poison={poison} /> : t("dlq.causes.sub")}>
      <QueryState query={query} rows={3} pace="list">
        {() => (
          <div className="dlq-causes" tabIndex={0} role="region" aria-label={t("dlq.causes")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("dlq.cause")}</th>
                  <th scope="col" className="num">{t("dlq.count")}</th>
                  <th scope="col">{t("dlq.where")}</th>
                  <th scope="col" className="num">{t("dlq.agents")}</th>
                  <th scope="col">{t("dlq.oldest")}</th>
                  <th scope="col">{t("dlq.newest")}</th>
                  <th scope="col">{t("dlq.gone")}</th>
                  <th scope="col"><span className="sr">{t("dlq.replay")}</span></th>
                </tr>
              </thead>
              <tbody>
                {groups.map((group) => (
                  <Cause key={group.cause_id} group={group} wish={rest} state={state} count={formatCount(group.letters, language)} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </QueryState>
    </Card>
  );
}

function Say({ count, causes, poison }: { count: number; causes: number; poison: number }) {
  const { t } = useI18n();
  return (
    <>
      {t("dlq.say", { count, causes })}
      {poison > 0 && <span className="dlq-poison">{t("dlq.say.poison", { count: poison })}</span>}
    </>
  );
}

function Cause({ group, wish, state, count }: { group: LetterGroup; wish: LetterFilter; state: ListState; count: string }) {
  const i18n = useI18n();
  const { t } = i18n;
  const why = useMayWhy()("tasks:run");
  const [open, setOpen] = useState(false);
  const chosen = state.values("cause").includes(group.cause_id);
  const word = classWord(group.error_class, i18n);
  return (
    <tr aria-current={chosen ? "true" : undefined}>
      <td>
        <button type="button" className="linkish dlq-cause" aria-pressed={chosen} title={whyText(i18n.language, group.sample_message)} onClick={() => state.set({ cause: chosen ? undefined : [group.cause_id], sel: undefined })}>
          <strong>{word}</strong>
          <span className="mono">{whyText(i18n.language, group.cause)}</span>
        </button>
      </td>
      <td className="num strong" data-label={t("dlq.count")}>{count}</td>
      <td data-label={t("dlq.where")}>
        <span className="tag">{t(`dlq.kind.${group.kind}`)}</span> <span className="dim">{group.place}</span>
      </td>
      <td className="num dim" data-label={t("dlq.agents")}>{group.agents || t("none")}</td>
      <td data-label={t("dlq.oldest")}><TimeText at={group.oldest_at} /></td>
      <td data-label={t("dlq.newest")}><TimeText at={group.newest_at} relative /></td>
      <td data-label={t("dlq.gone")}><Gone group={group} word={word} {...(why === undefined ? {} : { why })} /></td>
      <td className="dlq-act">
        <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setOpen(true)}>
          {t("dlq.replay")}
        </button>
        {open && <OrderDialog act="replay" choice={{ filter: selectedBy({ ...wish, cause: [group.cause_id] }) }} count={group.letters} close={() => setOpen(false)} />}
      </td>
    </tr>
  );
}

/** Whether the cause is gone, as the last look found, and a further look. */
function Gone({ group, word, why }: { group: LetterGroup; word: string; why?: string }) {
  const { t } = useI18n();
  const renew = useRenewLetters();
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const failure = useErrorText(state.error);
  const { probe } = group;
  const look = async (): Promise<void> => {
    setState({ busy: true, error: null });
    try {
      await probeCause(group.cause_id);
      renew();
      setState({ busy: false, error: null });
    } catch (error) {
      setState({ busy: false, error });
    }
  };
  return (
    <span className="dlq-gone">
      {probe === null ? (
        <Status tone="mute">{t("dlq.verdict.none")}</Status>
      ) : (
        <span title={probe.findings.join("\n")}>
          <Status tone={VERDICT_TONE[probe.verdict]}>{t(`dlq.verdict.${probe.verdict}`)}</Status> <span className="dim small"><TimeText at={probe.at} relative /></span>
        </span>
      )}
      <button type="button" className="button ghost small" disabled={state.busy || why !== undefined} title={why} aria-busy={state.busy} aria-label={t("dlq.probe.label", { cause: word })} onClick={() => void look()}>
        {t(state.busy ? "dlq.probe.busy" : "dlq.probe")}
      </button>
      {state.error !== null && <span className="field-error" role="status">{failure}</span>}
    </span>
  );
}
