import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type FileLife, LOCAL } from "../../api/files";
import { useI18n } from "../../i18n/context";
import { formatBytes, formatDuration, formatFull } from "../../i18n/format";
import { reasonText, wordOf } from "../../i18n/translate";
import { Icon } from "../../ui/Icon";
import { Mono } from "../../ui/Mono";
import { Status, type Tone } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";
import { useMayWhy } from "../../ui/useMayWhy";
import type { Act } from "./Acts";
import { Download } from "./Download";
import { isHeld, TONES } from "./states";

type Stage = FileLife["stages"][number];

const STAGE_TONES: Record<Stage["state"], Tone> = {
  done: "ok",
  running: "run",
  waiting: "warn",
  failed: "crit",
  pending: "mute",
  skipped: "mute",
  unknown: "mute",
  off: "mute",
};

interface Props {
  agent: string;
  life: FileLife;
  act: (act: Act) => void;
  go: (path: string | undefined) => void;
}

/** Did it arrive? Its state in words, what can be done, and its way with times. */
export function LifeStrip({ agent, life, act, go }: Props) {
  const { t, language } = useI18n();
  const { node, stages } = life;
  const why = useMayWhy()("fleet:operate");
  const [more, setMore] = useState(false);
  const tone = node.state ? TONES[node.state] : "mute";
  const cause = node.error_class
    ? wordOf(language, "class", node.error_class)
    : node.reason
      ? reasonText(language, node.reason)
      : "";
  const sent = node.state === "done" || node.attempts > 0;
  const directory = node.path.slice(0, node.path.lastIndexOf("/"));
  return (
    <section className="card life">
      <div className="life-head">
        <span className="life-state">
          {node.state && <Status tone={tone} size={14}>{t(`node.${node.state}`)}</Status>}
          {!node.on_disk && <span className="tag">{t("browse.offdisk")}</span>}
          <span className="life-cause" title={node.error ?? cause}>
            {cause}
            {node.error_class && node.error && <span className="dim small"> · {node.error}</span>}
          </span>
        </span>
        {node.kind === "file" && (
          <span className="life-acts">
            {agent !== LOCAL && (
              <Link to={"/files/trace" as never} search={{ agent, path: node.path } as never} className="button ghost">
                {t("trace.open")}
              </Link>
            )}
            {agent !== LOCAL && (
              <Link to="/events/files" search={{ agent: [agent], below: [node.path] } as never} className="button ghost">
                {t("browse.events")}
              </Link>
            )}
            {node.on_disk && typeof node.size_bytes === "number" && <Download agent={agent} path={node.path} name={node.name} sizeBytes={node.size_bytes} />}
            <button
              type="button"
              className="button"
              disabled={why !== undefined || !node.on_disk}
              title={why}
              onClick={() => act({ kind: "switch", path: node.path, name: node.name, enabled: !node.auto_upload, directory: false })}
            >
              {t(node.auto_upload ? "browse.file.off" : "browse.file.on")}
            </button>
            <button
              type="button"
              className={node.state === "done" ? "button" : "button primary"}
              disabled={why !== undefined || !node.on_disk}
              title={why}
              aria-keyshortcuts="u"
              onClick={() => act({ kind: "upload", path: node.path, name: node.name })}
            >
              <Icon name="upload" size={14} />
              {t(sent && !isHeld(node) ? "browse.resend" : "browse.send")}
            </button>
          </span>
        )}
      </div>
      <dl className="life-facts">
        {typeof node.size_bytes === "number" && <Fact name={t("files.size")}>{formatBytes(node.size_bytes)}</Fact>}
        {node.modified_at && (
          <Fact name={t("detail.modified")}>
            <TimeText at={node.modified_at} />
          </Fact>
        )}
        <Fact name={t("browse.directory")}>
          <button type="button" className="linkish mono el" onClick={() => go(directory)}>
            {directory}
          </button>
        </Fact>
        {node.store && <Fact name={t("detail.store")}>{node.store}</Fact>}
        {life.sha256 && (
          <Fact name={t("detail.sha256")}>
            <Mono text={life.sha256} most={17} />
          </Fact>
        )}
        {node.next_at && (
          <Fact name={t("files.next")}>
            <TimeText at={node.next_at} />
          </Fact>
        )}
        {node.address && (
          <Fact name={t("browse.col.address")}>
            <Mono text={node.address} most={64} />
          </Fact>
        )}
      </dl>
      {stages.length > 0 && (
        <ol className="stages" aria-label={t("browse.life")}>
          {stages.map((stage) => (
            <StageItem key={stage.name} stage={stage} />
          ))}
        </ol>
      )}
      {life.tries.length + life.tasks.length > 0 && (
        <>
          <button type="button" className="button ghost small life-more" aria-expanded={more} onClick={() => setMore(!more)}>
            <Icon name={more ? "up" : "down"} size={12} />
            {t("browse.history", { count: life.tries.length + life.tasks.length })}
          </button>
          {more && <History life={life} />}
        </>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function StageItem({ stage }: { stage: Stage }) {
  const { t, language } = useI18n();
  const { name, state, took_ms: took, note, count } = stage;
  const detail = [
    name === "uploaded" && count > 0 ? t("stage.tries", { count }) : "",
    typeof took === "number" ? t("stage.took", { time: formatDuration(took / 1000, t) }) : "",
  ].filter(Boolean);
  const said = state === "off" || state === "skipped" || state === "failed" ? wordOf(language, "stage.note", note) : "";
  return (
    <li className="stage">
      <Status tone={STAGE_TONES[state]}>{t(`stage.${name}`)}</Status>
      <span className="stage-sub">
        {detail.length > 0 && stage.at ? (
          <time dateTime={stage.at} title={formatFull(stage.at)}>
            {detail.join(" · ")}
          </time>
        ) : stage.at && state !== "running" ? (
          <TimeText at={stage.at} />
        ) : (
          <span>{[t(`stage.state.${state}`), ...detail].join(" · ")}</span>
        )}
        {said && said !== note && <span>{said}</span>}
      </span>
    </li>
  );
}

function History({ life }: { life: FileLife }) {
  const { t, language } = useI18n();
  return (
    <table className="history">
      <tbody>
        {life.tries.toReversed().map((one, index) => (
          <tr key={`${one.at} ${index}`}>
            <td>
              <TimeText at={one.at} />
            </td>
            <td>{wordOf(language, "try", one.what)}</td>
            <td>{one.error_class ? wordOf(language, "class", one.error_class) : ""}</td>
            <td className="el" title={one.message}>
              {one.message}
            </td>
            <td className="num">{typeof one.duration_ms === "number" ? formatDuration(one.duration_ms / 1000, t) : ""}</td>
          </tr>
        ))}
        {life.tasks.map((task) => (
          <tr key={`${task.kind} ${task.updated_at}`}>
            <td>
              <TimeText at={task.updated_at} />
            </td>
            <td>{t("browse.task", { kind: task.kind })}</td>
            <td>{wordOf(language, "task", task.state)}</td>
            <td className="el" title={task.summary}>
              {task.summary}
            </td>
            <td />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
