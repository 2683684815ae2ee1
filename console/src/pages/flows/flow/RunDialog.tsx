import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { beginRun, type FlowDetail, type RunWish, useRenewFlows } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { AgentInput } from "../../tasks/make/AgentInput";
import { InputFields } from "../InputFields";
import { givenOf } from "../values";

/** A run begun by hand: about a file, about nothing, with the values that the flow asks for. */
export function RunDialog({ flow, close }: { flow: FlowDetail; close: () => void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const renew = useRenewFlows();
  const id = useId();
  const [path, setPath] = useState("");
  const [agent, setAgent] = useState("");
  const [input, setInput] = useState<Readonly<Record<string, string>>>({});
  const missing = flow.inputs.some(({ name, required }) => required && !input[name]);
  const wish = (): RunWish => ({
    ...(path ? { path, kind: "file" as const } : { kind: "file" as const }), ...(path && agent ? { agent_id: agent } : {}), key: "",
    input: givenOf(input),
  });
  return (
    <ActionDialog
      title={t("flow.begin.title", { name: flow.name })}
      act={t("flow.begin.do")}
      close={close}
      ready={!missing}
      previewKey={`${path} ${agent} ${JSON.stringify(input)}`}
      preview={async () => ({
        affected: { count: flow.steps.length, names: flow.steps.map((step) => step.title || step.id) },
        picture: <p>{t(path ? "flow.begin.effect.file" : "flow.begin.effect", { version: flow.published_version ?? flow.version })}</p>,
        risk: "medium",
        wayBack: t("flow.begin.back"),
      })}
      run={async (order) => {
        const begun = await beginRun(flow.flow_id, wish(), order);
        renew();
        void navigate({ to: "/runs/$runId", params: { runId: begun.run.run_id } });
        return begun;
      }}
      done={(begun) => t("flow.begin.done", { number: begun?.run.number ?? 0 })}
    >
      <div className="form-grid two">
        <div className="form-row">
          <label htmlFor={`${id}-path`}>{t("flow.begin.path")}</label>
          <input id={`${id}-path`} className="input mono" type="text" autoComplete="off" spellCheck={false} placeholder={t("flow.begin.path.hint")} value={path} onChange={(event) => setPath(event.target.value)} />
        </div>
        <div className="form-row">
          <label htmlFor={`${id}-agent`}>{t("flow.begin.agent")}</label>
          <AgentInput id={`${id}-agent`} value={agent} set={setAgent} disabled={!path} />
        </div>
        <InputFields inputs={flow.inputs} typed={input} set={(name, text) => setInput({ ...input, [name]: text })} />
      </div>
    </ActionDialog>
  );
}
