import { type GroupView, useGroupLayers, useVersion } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Empty } from "../../../ui/StateBlock";
import { leavesOf } from "./leaves";

/** What the agents of a group inherit: the values of everybody, and over them those of the group. */
export function Inherited({ group }: { group: GroupView }) {
  const { t } = useI18n();
  const query = useGroupLayers();
  const layers = query.data ?? [];
  const base = layers.find(({ kind }) => kind === "base");
  const own = layers.find(({ kind, subject }) => kind === "group" && subject === group.group_id);
  const baseVersion = useVersion(base?.current?.version_id).data;
  const ownVersion = useVersion(own?.current?.version_id).data;
  const lower = leavesOf(baseVersion?.document ?? {});
  const upper = leavesOf(ownVersion?.document ?? {});
  const keys = [...new Set([...lower.keys(), ...upper.keys()])].toSorted();
  return (
    <Card title={t("groups.inherited")} sub={t("agents.effective.count", { count: keys.length })}>
      <QueryState query={query} rows={3}>
        {() =>
          keys.length === 0 ? (
            <Empty title={t("agents.effective.none")} icon="layers">
              {t("agents.effective.none.sub")}
            </Empty>
          ) : (
            <table className="effective plain-cards" aria-label={t("groups.inherited")}>
              <thead>
                <tr>
                  <th>{t("agents.effective.key")}</th>
                  <th>{t("agents.rollout.base")}</th>
                  <th>{group.name}</th>
                </tr>
              </thead>
              <tbody>
                {keys.map((key) => (
                  <tr key={key}>
                    <td className="mono breakable">{key}</td>
                    <td className="mono breakable" data-label={t("agents.rollout.base")}>{upper.has(key) && lower.has(key) ? <s className="dim">{lower.get(key)}</s> : (lower.get(key) ?? <span className="dim">{t("none")}</span>)}</td>
                    <td className="mono breakable" data-label={group.name}>{upper.get(key) ?? <span className="dim">{t("none")}</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </QueryState>
    </Card>
  );
}
