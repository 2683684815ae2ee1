import { Link } from "@tanstack/react-router";
import { actionWords } from "../../../i18n/actions";
import { type I18n, useI18n } from "../../../i18n/context";
import { refusalLine } from "../../../i18n/faults";
import { formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import type { Language } from "../../../i18n/types";
import { Card } from "../../../ui/Card";
import { Icon } from "../../../ui/Icon";
import { Empty, ErrorBlock, Loading } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { codeText } from "../words";
import type { AuditEntry, Moment } from "./timeline";
import { useTimeline } from "./useTimeline";

/** State, configuration and acts of people on one line of time. */
export function Timeline({ agentId }: { agentId: string }) {
  const { t } = useI18n();
  const { moments, more, error, pending, retry } = useTimeline(agentId);
  return (
    <Card title={t("timeline.title")} sub={t("timeline.sub")}>
      {error && <ErrorBlock error={error} retry={retry} />}
      {pending && !moments.length && <Loading rows={5} />}
      {!pending && !error && !moments.length && <Empty title={t("timeline.none")}>{t("timeline.none.sub")}</Empty>}
      <ol className="timeline">
        {moments.map((moment) => (
          <Line key={moment.key} moment={moment} />
        ))}
      </ol>
      {more && (
        <p className="more">
          <button type="button" className="button small" onClick={more}>
            {t("timeline.more")}
          </button>
        </p>
      )}
    </Card>
  );
}

function Line({ moment }: { moment: Moment }) {
  const i18n = useI18n();
  const { t } = i18n;
  return (
    <li>
      <span className="when dim">
        <TimeText at={moment.at} />
      </span>
      {moment.kind === "audit" ? (
        <Icon name="user" size={13} />
      ) : (
        <Status tone={moment.tone} bare>
          {t(`timeline.${moment.kind}`)}
        </Status>
      )}
      <div>
        <p className="what">{titleOf(moment, i18n)}</p>
        <p className="dim small">{detailOf(moment, i18n)}</p>
      </div>
      {moment.kind === "audit" && (
        <Link to={"/audit/$seq" as string} params={{ seq: String(moment.entry.seq) } as never} className="small">
          {t("timeline.record")}
        </Link>
      )}
      {moment.kind === "attempt" && moment.attempt.rollout_id && (
        <Link to={"/rollouts/$rolloutId" as string} params={{ rolloutId: moment.attempt.rollout_id } as never} className="small">
          {t("timeline.rollout")}
        </Link>
      )}
    </li>
  );
}

function titleOf(moment: Moment, i18n: I18n): string {
  const { t, language } = i18n;
  if (moment.kind === "event") {
    const type = moment.event.type.replace(/^gwf\.agent\./, "");
    const word = wordOf(language, "agentevent", type);
    const data = dataOf(moment.event.data);
    if (data["store"]) return t("timeline.of", { what: word, name: data["store"] });
    const name = data["code"] ? codeText(data["code"], i18n) : word;
    return name === word || data["code"] === type ? name : t("timeline.of", { what: word, name });
  }
  if (moment.kind === "audit") {
    return t("timeline.by", { what: actText(moment.entry.action, language), who: whoOf(moment.entry, i18n) });
  }
  return t(`agents.attempt.${moment.attempt.phase}`);
}

function detailOf(moment: Moment, i18n: I18n): string {
  const { t, language } = i18n;
  if (moment.kind === "event") {
    const { cause, silent_s: silent } = dataOf(moment.event.data);
    const why = cause ? wordOf(language, "cause", cause) : "";
    return silent ? t("timeline.silent", { time: formatDuration(Number(silent), t) }) : why;
  }
  if (moment.kind === "audit") return [moment.entry.reason, changesText(moment.entry)].filter(Boolean).join(" · ");
  const { hash, reason } = moment.attempt;
  return [hash.slice(7, 14), ...reason.map((fault) => refusalLine(language, fault))].join(" · ");
}

const dataOf = (data: unknown): Record<string, string> =>
  typeof data === "object" && data !== null
    ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, typeof value === "string" || typeof value === "number" ? String(value) : ""]))
    : {};

/** What was done, in the words of this page or of the audit. */
export function actText(action: string, language: Language): string {
  const word = wordOf(language, "agentact", action);
  return word === action ? (actionWords[language][action] ?? action) : word;
}

const whoOf = ({ actor }: AuditEntry, { t }: I18n): string =>
  actor.kind === "agent" ? t("timeline.itself") : actor.kind === "system" ? t("timeline.system") : actor.id;

const MOST_CHANGES = 3;

/** The first changed fields, as from → to. */
export function changesText({ changes: all }: Pick<AuditEntry, "changes">): string {
  // a side that is absent and one that is empty look alike
  const changes = all.filter((change) => valueText(change["before"]) !== valueText(change["after"]));
  const told = changes.slice(0, MOST_CHANGES).map((change) => {
    const path = String(change["path"] ?? "").replace(/^\//, "");
    const [before, after] = [valueText(change["before"]), valueText(change["after"])];
    return before === NOTHING ? `${path}: ${after}` : `${path}: ${before} → ${after}`;
  });
  return told.join(" · ") + (changes.length > MOST_CHANGES ? " …" : "");
}

const NOTHING = "∅";

const valueText = (value: unknown): string =>
  value === undefined || value === null || value === "" ? NOTHING : typeof value === "object" ? JSON.stringify(value) : String(value);
