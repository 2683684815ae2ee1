import { useDataDir, useDeadLetters } from "../../api/queries";
import { useI18n } from "../../i18n/context";
import { formatBytes, formatCount } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { Card } from "../../ui/Card";
import { Copy } from "../../ui/Copy";
import { ErrorBlock, Loading } from "../../ui/StateBlock";
import { TimeText } from "../../ui/TimeText";
import { replayCommand } from "./shell";

/** Files that wait for a person, by class and cause, with the command that sends them again. */
export function DeadLetters() {
  const { t, language } = useI18n();
  const { data, error, refetch } = useDeadLetters();
  return (
    <Card title={t("dead.title")} sub={data ? t("dead.sub", { count: data.total }) : ""}>
      {error && <ErrorBlock error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} />}
      {data && (
        <div className="numbers dead-list" tabIndex={0} role="region" aria-label={t("dead.title")}>
          <table className="dead">
            <thead>
              <tr>
                <th>{t("failures.class")}</th>
                <th>{t("dead.cause")}</th>
                <th className="num">{t("dead.files")}</th>
                <th className="num">{t("dead.bytes")}</th>
                <th>{t("dead.stores")}</th>
                <th className="num">{t("failures.last")}</th>
                <th>{t("dead.replay")}</th>
              </tr>
            </thead>
            <tbody>
              {data.groups.map((group) => (
                <tr key={group.cause_id} title={group.example_message}>
                  <td className="class">{group.error_class ? wordOf(language, "class", group.error_class) : t("none")}</td>
                  <td className="cause mono dim">{group.cause}</td>
                  <td className="num strong" data-label={t("dead.files")}>
                    {formatCount(group.files, language)}
                  </td>
                  <td className="num dim" data-label={t("dead.bytes")}>
                    {formatBytes(group.bytes)}
                  </td>
                  <td className="dim" data-label={t("dead.stores")}>
                    {Object.keys(group.stores).join(", ")}
                  </td>
                  <td className="num dim" data-label={t("failures.last")}>
                    <TimeText at={group.newest_at} relative />
                  </td>
                  <td className="replay" data-label={t("dead.replay")}>
                    <Replay causeId={group.cause_id} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

/** The whole command, readable and to be copied; none is offered that would look into another data directory. */
function Replay({ causeId }: { causeId: string }) {
  const { t } = useI18n();
  const { data: dataDir } = useDataDir();
  if (!dataDir) return <span className="dim">{t("none")}</span>;
  const command = replayCommand(causeId, dataDir);
  return (
    <span className="row">
      <code className="code grow">{command}</code>
      <Copy text={command} what={t("dead.command")} />
    </span>
  );
}
