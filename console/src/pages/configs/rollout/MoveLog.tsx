import { Link } from "@tanstack/react-router";
import { type Move, type RolloutDetail, type Seats, useMoves } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { refusalLine } from "../../../i18n/faults";
import type { Translate } from "../../../i18n/translate";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Glyph } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { logOf, type LogLine } from "./log";

/** What happened, newest first: what people did, what the centre did, what agents answered. */
export function MoveLog({ rollout, seats }: { rollout: RolloutDetail; seats: Seats | undefined }) {
  const { t } = useI18n();
  const moves = useMoves(rollout.rollout_id, rollout.status);
  return (
    <Card title={t("rollout.log")} className="move-log">
      <QueryState query={moves} rows={6}>
        {({ items }) => {
          const lines = logOf(items, seats?.items ?? []);
          return lines.length ? (
            <ol>
              {lines.map((line) => (
                <Line key={line.key} line={line} />
              ))}
            </ol>
          ) : (
            <p className="pad dim">{t("rollout.log.empty")}</p>
          );
        }}
      </QueryState>
    </Card>
  );
}

function Line({ line }: { line: LogLine }) {
  const { t, language } = useI18n();
  return (
    <li className={line.tone}>
      <span className={`status ${line.tone}`}>
        <Glyph tone={line.tone} />
      </span>
      <TimeText at={line.at} />
      <span>
        {line.seat ? (
          <>
            <Link to={`/agents/${line.seat.agent_id}` as never} className="mono">
              {line.seat.hostname || line.seat.agent_id}
            </Link>{" "}
            {t(`seat.${line.seat.state}`)}
            {line.seat.reason[0] && <span className="dim" title={line.seat.reason[0].message}> · {refusalLine(language, line.seat.reason[0])}</span>}
          </>
        ) : (
          line.move && <MoveText move={line.move} />
        )}
      </span>
    </li>
  );
}

function MoveText({ move }: { move: Move }) {
  const { t } = useI18n();
  return (
    <>
      {sayMove(move, t)}
      {move.reason && <span className="dim"> · {t("rollout.reason", { reason: move.reason })}</span>}
    </>
  );
}

/** A move in words: who did what, or what followed by itself. */
function sayMove(move: Move, t: Translate): string {
  const who = move.actor_kind === "system" ? t("who.system") : move.actor;
  const verb = move.action.replace("rollout.", "");
  const said: string[] = [];
  if (verb === "create" || verb === "pause" || verb === "resume" || verb === "promote" || verb === "abort") said.push(t(`rollout.move.${verb}`, { who }));
  const after = (path: string): unknown => move.changes.find((change) => change["path"] === path)?.["after"];
  const status = after("/status");
  if (verb === "move") {
    const cause = String(after("/cause/code") ?? "");
    const why = cause === "failure_share" || cause === "unhealthy_share" || cause === "wave_timeout" ? t(`cause.${cause}`) : cause || t("none");
    if (status === "reverting" || status === "paused") said.push(t(`rollout.move.${status}`, { cause: why }));
    if (status === "reverted" || status === "completed") said.push(t(`rollout.move.${status}`));
  }
  const wave = after("/wave");
  if (typeof wave === "number" && verb !== "create") said.push(t("rollout.move.wave", { wave: wave + 1 }));
  if (move.offered > 0) said.push(t("rollout.move.offered", { count: move.offered }));
  return said.join(" · ") || t("rollout.move.other");
}

