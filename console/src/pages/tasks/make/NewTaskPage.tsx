import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useMay } from "../../../api/account";
import { RequestError } from "../../../api/client";
import { makeTask, rehearseWish, type TaskKind, type TaskWish, useKinds, useRenewTasks } from "../../../api/tasks";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { FormFault } from "../../../ui/form/SchemaForm";
import type { Json } from "../../../ui/form/schema";
import { QueryState } from "../../../ui/QueryState";
import { Empty, Forbidden } from "../../../ui/StateBlock";
import { useLater } from "../../../ui/useLater";
import { Ahead } from "./Ahead";
import { ConfigFields, Frame, type Rest, REST } from "./Fields";
import "../../../styles/tasks.css";

/** A task made by hand: the form comes from the kind's schema, the server judges it while it is filled in. */
export function NewTaskPage() {
  const { t } = useI18n();
  const may = useMay()("tasks:run");
  const kinds = useKinds("task", may);
  return (
    <div className="stack">
      <PageHead title={t("task.new")} crumbs={[{ label: t("task.title"), to: "/tasks" }]} scoped={false} />
      {!may && <section className="card"><Forbidden permission="tasks:run" /></section>}
      {may && (
        <QueryState query={kinds} rows={8}>
          {(some) => (some.length ? <Making kinds={some} /> : <section className="card"><Empty title={t("task.kinds.none")} /></section>)}
        </QueryState>
      )}
    </div>
  );
}

const QUIET_MS = 350;

/** Codes of refusals that say what is wrong with the fields; others are failures. */
const isJudgement = (error: unknown): error is RequestError => error instanceof RequestError && (error.status === 400 || error.status === 422 || error.status === 413);

function Making({ kinds }: { kinds: readonly TaskKind[] }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const renew = useRenewTasks();
  const search = useSearch({ from: "/tasks/new" });
  const kind = kinds.find(({ type }) => type === search.type) ?? kinds.find(({ type }) => type === "WEBHOOK") ?? kinds[0];
  const [configs, setConfigs] = useState<Readonly<Record<string, Json | undefined>>>({});
  const [rest, setRest] = useState<Rest>(REST);
  const [sending, setSending] = useState(false);
  const type = kind?.type ?? "";
  const config = configs[type];
  const wish = useMemo(() => wishOf(type, config, rest, kind?.executor === "agent"), [type, config, rest, kind]);
  const later = useLater(wish, QUIET_MS);
  const untouched = config === undefined && rest === REST;
  const check = useQuery({
    queryKey: ["task-wish", later],
    queryFn: ({ signal }) => rehearseWish(later, signal),
    placeholderData: (old) => old,
    retry: false,
    gcTime: 0,
    enabled: later.type !== "" && !untouched,
  });
  const judged = later === wish && !check.isFetching && !check.isPlaceholderData;
  const faults = isJudgement(check.error) ? check.error.fields.map(({ pointer, code, message }) => ({ pointer: pointer.replace(/^\/body/, ""), code, message })) : [];
  const shown: readonly FormFault[] = untouched ? [] : faults;
  if (!kind) return null;
  return (
    <div className="task-make">
      <section className="card" aria-label={t("task.make.form")}>
        <header><h2>{t("task.make.form")}</h2></header>
        <form className="pad stack" onSubmit={(event) => event.preventDefault()}>
          <div className="form-row">
            <label htmlFor="task-kind">{t("task.type")}</label>
            <select id="task-kind" className="input" value={type} onChange={(event) => void navigate({ to: ".", search: (old) => ({ ...old, type: event.target.value }), replace: true })}>
              {kinds.map((one) => <option key={one.type} value={one.type}>{t("task.kind.option", { type: one.type, who: t(`task.executor.${one.executor ?? "any"}`) })}</option>)}
            </select>
          </div>
          {type === "NOTIFY" && <p className="notice">{t("task.notify.none")}</p>}
          <ConfigFields kind={kind} value={config} set={(next) => setConfigs({ ...configs, [type]: next })} faults={shown} />
          <Frame kind={kind} rest={rest} set={setRest} faults={shown} />
        </form>
      </section>
      <Ahead
        outcome={isJudgement(check.error) ? undefined : check.data}
        faults={faults}
        untouched={untouched}
        judged={judged}
        failure={check.error && !isJudgement(check.error) ? check.error : null}
        again={() => void check.refetch()}
        make={() => setSending(true)}
      />
      {sending && (
        <ActionDialog
          title={t("task.make.title", { type })}
          act={t("task.make.do")}
          close={() => setSending(false)}
          preview={async (signal) => {
            const { task } = await rehearseWish(wish, signal);
            return { affected: { count: 1, names: [task.target] }, picture: <p className="mono">{task.description}</p>, risk: "medium", wayBack: t("task.make.back") };
          }}
          run={async (order) => {
            const made = await makeTask(wish, order);
            renew();
            void navigate({ to: "/tasks/$taskId", params: { taskId: made.task.task_id } });
            return made;
          }}
          done={(made) => t(made?.created === false ? "task.make.known" : "task.make.done", { id: made?.task.task_id ?? "" })}
        />
      )}
    </div>
  );
}

function wishOf(type: string, config: Json | undefined, rest: Rest, byAgent: boolean): TaskWish {
  const { agent, priority, target, key, delay, deadline, attempts, timeout } = rest;
  return {
    type, target, key, priority,
    config: (typeof config === "object" && config !== null && !Array.isArray(config) ? config : {}) as TaskWish["config"],
    agent_id: byAgent ? agent : "",
    delay_s: delay ?? 0,
    deadline_s: deadline,
    retry: { max_attempts: attempts ?? 5, timeout_s: timeout ?? 60, first_wait_s: 2, longest_wait_s: 300, max_lost: 3 },
    reason: "",
  };
}
