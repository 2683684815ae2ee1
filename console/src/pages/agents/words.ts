import type { AgentSummary, ConfigPart } from "../../api/agents";
import type { I18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { reasonNames } from "../../i18n/reasonNames";
import { reasonText, type ServerReason, wordOf } from "../../i18n/translate";
import { serverNow } from "../../live/now";
import type { Tone } from "../../ui/Status";

/** What is said about agents, in one place, so that list, heat and detail use the same words. */

type Standing = NonNullable<AgentSummary["config_stand"]>["standing"];

export const STANDING_TONE: Readonly<Record<Standing, Tone>> = {
  in_sync: "ok", offered: "run", waiting: "run", held: "crit", local: "warn", unmanaged: "mute",
};

/** Versions as people name them: v42, and those of higher layers with the name of the group. */
export function partsText(parts: readonly ConfigPart[], { t }: I18n): string {
  return parts
    .map(({ kind, name, subject, number }) => {
      if (kind === "base") return t("agents.version", { number });
      return t("agents.version.of", { name: kind === "agent" ? t("agents.layer.agent") : name || subject, number });
    })
    .join(" + ");
}

const HASH_CHARS = 7;
/** The beginning of a hash, where it is not known what it is made of. */
export const shortHash = (hash: string): string => hash.replace(/^sha256:/, "").slice(0, HASH_CHARS);

/** What runs: versions, or the beginning of the hash. */
export function runningText(agent: AgentSummary, i18n: I18n): string {
  const { config, config_stand: stand } = agent;
  if (!config?.hash) return stand?.standing === "unmanaged" || !stand ? i18n.t("agents.config.own") : i18n.t("agents.config.none");
  return stand?.running.length ? partsText(stand.running, i18n) : shortHash(config.hash);
}

/** What should run, when it is something else than what runs; "" otherwise. */
export function wantedText(agent: AgentSummary, i18n: I18n): string {
  const { config, config_stand: stand } = agent;
  if (!stand?.wanted_hash || stand.wanted_hash === config?.hash) return "";
  return stand.wanted.length ? partsText(stand.wanted, i18n) : shortHash(stand.wanted_hash);
}

/** Share of attempts that failed in the last half hour, in percent; null = there were none. */
export function failedPct({ recent }: Pick<AgentSummary, "recent">): number | null {
  const ended = recent.done + recent.failed;
  return ended ? (100 * recent.failed) / ended : null;
}

/** Two digits that matter, near the whole as near as nothing: 12.4 %, 0.05 %, 99.95 %. */
export const formatPct = (value: number): string => {
  if (value === 0 || value === 100) return `${value}%`;
  if (value >= 90) return `${Number(value.toFixed(2))}%`;
  return `${value >= 10 ? Number(value.toFixed(1)) : Number(value.toPrecision(2))}%`;
};

export const FAILED_WARN_PCT = 1;
export const FAILED_CRIT_PCT = 5;

export const failedTone = (pct: number | null): "" | "warn" | "crit" => {
  if (pct === null || pct < FAILED_WARN_PCT) return "";
  return pct < FAILED_CRIT_PCT ? "warn" : "crit";
};

export const queuedOf = ({ metrics }: Pick<AgentSummary, "metrics">): number | null =>
  metrics && metrics.queued + metrics.waiting + metrics.sending;

/** A code of the edge in words: a class of errors, a reason, an error of the API, or the code itself. */
export function codeText(code: string, { language }: I18n): string {
  const named = reasonNames[language][code];
  if (named !== undefined) return named;
  for (const prefix of ["class", "error"]) {
    const word = wordOf(language, prefix, code);
    if (word !== code) return word;
  }
  return reasonText(language, { code, params: {}, message: code });
}

/** A reason with its values, or its name where they are not known. */
export const reasonOf = (reason: Pick<ServerReason, "code" | "params">, i18n: I18n): string =>
  reasonText(i18n.language, { ...reason, message: codeText(reason.code, i18n) });

export interface Problem {
  /** In a few words, for a column. */
  text: string;
  /** All that is known of it. */
  whole: string;
  /** It is over as far as is known: a last error, no reason of now. */
  past: boolean;
  more: number;
}

/** What is wrong with an agent, the first thing first; null = nothing that it told. */
export function problemOf(agent: AgentSummary, i18n: I18n): Problem | null {
  const { t } = i18n;
  if (agent.condition === "offline") {
    const at = agent.last_contact_at;
    const text = at ? t("agents.silent", { at: formatClock(at, serverNow()) }) : t("agents.never");
    return { text, whole: text, past: false, more: 0 };
  }
  const [first] = agent.reasons;
  if (first) {
    const whole = agent.reasons.map((reason) => reasonOf(reason, i18n)).join("\n");
    return { text: codeText(first.code, i18n), whole, past: false, more: agent.reasons.length - 1 };
  }
  const error = agent.last_error;
  if (!error) return null;
  const text = codeText(error.code, i18n);
  return { text, whole: error.message ? `${text}\n${error.message}` : text, past: true, more: 0 };
}
