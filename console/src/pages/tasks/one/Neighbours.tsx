import { useMay } from "../../../api/account";
import { type TaskDetail, useDecision } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { type Neighbour, Related } from "../../../ui/Related";

/** What the task came from and what it is about: event, decision, rule, agent, file, record. */
export function Neighbours({ task }: { task: TaskDetail }) {
  const { t } = useI18n();
  const may = useMay();
  const seesEvents = may("events:read");
  const decided = useDecision(seesEvents ? task.file_event_id : null).data;
  const path = typeof task.config?.["path"] === "string" ? task.config["path"] : undefined;
  const agent = task.for_agent_id;
  const found: (Neighbour | false)[] = [
    task.file_event_id !== null && seesEvents && { key: "event", label: t("task.to.event"), to: "/events/files" as never, search: { sel: String(task.file_event_id) } as never },
    task.file_event_id !== null && seesEvents && { key: "trace", label: t("dlq.to.trace"), to: "/files/trace" as never, search: { event: String(task.file_event_id) } as never },
    task.flow_run_id !== null && may("flows:read") && { key: "run", label: t("task.to.run", { step: task.flow_step ?? "" }), to: "/runs/$runId" as never, params: { runId: task.flow_run_id } as never, search: { step: task.flow_step ?? undefined } as never },
    task.rule_id !== null && { key: "rule", label: t("task.to.rule", { rule: `…${task.rule_id.slice(-6)}`, version: task.rule_version ?? "" }), to: "/rules/$ruleId" as never, params: { ruleId: task.rule_id } as never },
    agent !== null && may("fleet:read") && { key: "agent", label: t("task.to.agent"), to: "/agents/$agentId" as never, params: { agentId: agent } as never },
    task.file_event_id === null && seesEvents && agent !== null && path !== undefined && { key: "trace", label: t("dlq.to.trace"), to: "/files/trace" as never, search: { agent, path } as never },
    agent !== null && path !== undefined && { key: "file", label: t("task.to.file"), to: "/files" as never, search: { agent, path } as never },
    task.rule_id !== null && { key: "same", label: t("task.to.same"), to: "/tasks" as never, search: { rule: [task.rule_id] } as never },
    may("audit:read") && { key: "audit", label: t("task.to.audit"), to: "/audit" as never, search: { resource_kind: ["task"], resource: [task.task_id] } as never },
  ];
  return (
    <div className="task-near">
      <Related neighbours={found.filter((one) => one !== false)} />
      {decided?.state === "decided" && (
        <p className="dim small">
          {t("task.decided", { rules: decided.matched.map((rule) => `${rule.rule_id} v${rule.version}`).join(t("filter.join")) || t("none"), set: decided.set_no })}
        </p>
      )}
    </div>
  );
}
