import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { type FlowDetail, type FlowVersion, useFlowVersions } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { Diff, type DiffView } from "../../../ui/diff/Diff";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";
import { FLOW_TONE } from "../words";
import { flowYaml } from "../yaml";
import { FlowActDialog } from "./FlowActs";
import "../../../styles/diff.css";
import "../../../styles/plain.css";

/** All versions, newest first; the chosen one against the one before it; the way back to it. */
export function FlowVersions({ flow }: { flow: FlowDetail }) {
  const query = useFlowVersions(flow.flow_id);
  return (
    <div className="pad">
      <QueryState query={query} rows={5}>{(versions) => <List flow={flow} versions={versions} />}</QueryState>
    </div>
  );
}

function List({ flow, versions }: { flow: FlowDetail; versions: readonly FlowVersion[] }) {
  const { t } = useI18n();
  const search = useSearch({ from: "/flows/$flowId" });
  const navigate = useNavigate({ from: "/flows/$flowId" });
  const why = useMayWhy()("flows:publish");
  const [back, setBack] = useState<number | null>(null);
  const chosen = versions.find(({ version }) => String(version) === search.version) ?? versions[0];
  return (
    <>
      <div className="scroll-x">
        <table className="plain-table" aria-label={t("flow.tab.versions")}>
          <thead>
            <tr>
              <th>{t("flow.version")}</th>
              <th>{t("task.state")}</th>
              <th>{t("flow.author")}</th>
              <th>{t("flow.written")}</th>
              <th>{t("flow.why")}</th>
              <th><span className="sr">{t("flow.act.rollback")}</span></th>
            </tr>
          </thead>
          <tbody>
            {versions.map((one) => (
              <tr key={one.version} aria-current={one === chosen ? "true" : undefined}>
                <td>
                  <button type="button" className="link mono" onClick={() => void navigate({ search: (old) => ({ ...old, version: String(one.version) }), replace: true, resetScroll: false })}>{`v${one.version}`}</button>
                </td>
                <td><Status tone={FLOW_TONE[one.state]}>{t(`flow.state.${one.state}`)}</Status></td>
                <td>{one.author}</td>
                <td><TimeText at={one.created_at} /></td>
                <td>{one.reason || t("none")}</td>
                <td>
                  {one.state === "retired" && (
                    <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setBack(one.version)}>{t("flow.act.rollback.to", { version: one.version })}</button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {chosen && <Against chosen={chosen} versions={versions} />}
      {back !== null && <FlowActDialog flow={flow} act={{ kind: "rollback", version: back }} close={() => setBack(null)} />}
    </>
  );
}

function Against({ chosen, versions }: { chosen: FlowVersion; versions: readonly FlowVersion[] }) {
  const { t } = useI18n();
  const [view, setView] = useState<DiffView>("unified");
  const before = versions.find(({ version }) => version < chosen.version);
  const names = { before: before ? `v${before.version}` : t("flow.nothing"), after: `v${chosen.version}` };
  return (
    <section className="flow-diff" aria-label={t("flow.diff", names)}>
      <h3>{t("flow.diff", names)}</h3>
      <Diff changes={[]} texts={{ before: before ? flowYaml(before.flow as never) : "", after: flowYaml(chosen.flow as never) }} names={names} view={view === "fields" ? "unified" : view} onView={setView} />
    </section>
  );
}
