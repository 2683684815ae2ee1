import type { RequestError } from "../../api/client";
import type { FileContent } from "../../api/files";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { Icon } from "../../ui/Icon";
import { Glyph, type Tone } from "../../ui/Status";
import { CONTEXTS, LEVELS, USUAL_CONTEXT } from "./routes";
import { usePlace } from "./usePlace";
import { useTyped } from "../../ui/filter/useTyped";

type Facts = NonNullable<FileContent["search"]>;

const TONES: Record<(typeof LEVELS)[number], Tone | null> = { error: "crit", warn: "warn", info: null, debug: null };

interface Props {
  facts: Facts | undefined;
  /** Which of the finds is stepped to, from 1; 0 = none yet. */
  place: number;
  step: (by: 1 | -1) => void;
  /** The expression cannot be used. */
  problem: RequestError | null;
  busy: boolean;
}

/** What is looked for: the text, how it is meant, which levels; and a way from find to find. */
export function FindBar({ facts, place, step, problem, busy }: Props) {
  const { t, language } = useI18n();
  const { search, set } = usePlace();
  const levels = search.level ?? [];
  const toggle = (level: string): void =>
    set({ level: levels.includes(level) ? levels.filter((one) => one !== level) : [...levels, level] }, true);
  return (
    <div className="find-bar" aria-busy={busy}>
      <FindField value={search.q ?? ""} search={(q) => set({ q: q || undefined }, true)} step={step} bad={problem !== null} />
      <button type="button" className="chip" aria-pressed={search.re === "1"} title={t("log.regex.sub")} onClick={() => set({ re: search.re ? undefined : "1" }, true)}>
        <span className="mono" aria-hidden="true">{".*"}</span>
        {t("log.regex")}
      </button>
      <button type="button" className="chip" aria-pressed={search.case === "1"} onClick={() => set({ case: search.case ? undefined : "1" }, true)}>
        <span aria-hidden="true">{"Aa"}</span>
        {t("log.case")}
      </button>
      {LEVELS.map((level) => {
        const count = facts?.levels[level];
        const tone = TONES[level];
        return (
          <button key={level} type="button" className={tone ? `chip ${tone}` : "chip"} aria-pressed={levels.includes(level)} onClick={() => toggle(level)}>
            {tone && (
              <span className={`status ${tone}`}>
                <Glyph tone={tone} />
              </span>
            )}
            {t(`log.level.${level}`)}
            {count !== undefined && <b>{formatCount(count, language)}</b>}
          </button>
        );
      })}
      <label className="find-context" title={t("log.context")}>
        <span className="sr">{t("log.context")}</span>
        <select className="input fit" value={search.ctx ?? USUAL_CONTEXT} onChange={(event) => set({ ctx: Number(event.target.value) }, true)}>
          {CONTEXTS.map((count) => (
            <option key={count} value={count}>
              {count === 0 ? t("log.context.none") : t("log.context.lines", { count })}
            </option>
          ))}
        </select>
      </label>
      {facts && (
        <span className="find-place">
          {place > 0 ? t("log.place", { at: place, of: formatCount(facts.hits, language) }) : t("log.hits", { count: facts.hits })}
          <button type="button" className="button small square" aria-label={t("browse.key.back")} title={t("browse.key.back")} disabled={!facts.hits} onClick={() => step(-1)}>
            <Icon name="up" size={13} />
          </button>
          <button type="button" className="button small square" aria-label={t("browse.key.next")} title={t("browse.key.next")} disabled={!facts.hits} onClick={() => step(1)}>
            <Icon name="down" size={13} />
          </button>
          <kbd aria-hidden="true">{"N"}</kbd>
        </span>
      )}
      {problem && (
        <p className="field-error" role="alert">
          {problem.code === "pattern_too_slow" ? t("error.pattern_too_slow") : t("log.badpattern", { problem: problem.params["problem"] ?? "" })}
        </p>
      )}
    </div>
  );
}

interface FieldProps {
  value: string;
  search: (text: string) => void;
  step: (by: 1 | -1) => void;
  bad: boolean;
}

function FindField({ value, search, step, bad }: FieldProps) {
  const { t } = useI18n();
  const [typed, setTyped] = useTyped(value, search);
  return (
    <span className={bad ? "field search bad" : "field search"}>
      <Icon name="search" size={14} />
      <input
        type="text"
        data-find=""
        aria-label={t("log.find.label")}
        aria-invalid={bad}
        placeholder={t("log.find.label")}
        maxLength={1_000}
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {typed && (
        <button type="button" className="clear" aria-label={t("filter.search.clear")} onClick={() => setTyped("")}>
          <Icon name="x" size={13} />
        </button>
      )}
    </span>
  );
}
