import type { ReactNode } from "react";
import type { FlowDocument, PlannedStep as Step } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import type { Json } from "../../../ui/form/schema";
import { toYaml } from "../yaml";

/** What one step of a definition says. */
export function PlannedStep({ step, document }: { step: Step; document: FlowDocument }) {
  const { t } = useI18n();
  const written = (Array.isArray(document["steps"]) ? document["steps"] : []).find((one) => typeof one === "object" && one !== null && (one as { id?: unknown }).id === step.id) as { [key: string]: Json } | undefined;
  const facts: [string, ReactNode][] = [
    [t("flow.step.does"), step.action === "APPROVAL" ? t("flow.approval") : step.action],
    [t("flow.step.needs"), step.needs.join(t("filter.join")) || t("flow.step.first")],
    ...(step.action === "APPROVAL"
      ? [[t("flow.step.four"), t(step.four_eyes ? "task.yes" : "task.no")] as [string, ReactNode]]
      : ([
          [t("task.fact.policy"), t("flow.step.tries", { most: step.max_attempts, timeout: formatDuration(step.timeout_s, t) })],
          [t("flow.step.undo"), t(`flow.undo.${step.compensation}`)],
          [t("flow.step.allow"), t(step.allow_failure ? "task.yes" : "task.no")],
        ] as [string, ReactNode][])),
    ...(step.deadline_s === null ? [] : [[t("flow.step.deadline"), formatDuration(step.deadline_s, t)] as [string, ReactNode]]),
  ];
  const rest = Object.fromEntries(Object.entries(written ?? {}).filter(([key]) => ["config", "when", "compensate", "agent"].includes(key)));
  return (
    <section className="step-panel pad planned-step" aria-label={t("run.step.one", { name: step.title || step.id })}>
      <div>
        <h3>{step.title || step.id} <code className="dim">{step.id}</code></h3>
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      {Object.keys(rest).length > 0 && <pre className="code" tabIndex={0} aria-label={t("task.config")}>{toYaml(rest)}</pre>}
    </section>
  );
}
