import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { FileState } from "../../../api/client";
import { useOverview } from "../../../api/queries";
import { FILE_STATES } from "../search";
import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { Icon } from "../../../ui/Icon";
import { Glyph } from "../../../ui/Status";
import { FILE_TONE } from "./tones";

/** Typing pauses this long before the server is asked. */
const TYPING_MS = 300;

/** Search and state chips; both live in the address. */
export function FilterBar() {
  const { t, language } = useI18n();
  const search = useSearch({ from: "/" });
  const navigate = useNavigate();
  const counts = useCounts();
  const chosen = search.state ?? [];
  const toggle = (state: FileState): void => {
    const next = chosen.includes(state) ? chosen.filter((one) => one !== state) : [...chosen, state];
    void navigate({ to: ".", search: (old) => ({ ...old, state: next }), resetScroll: false });
  };
  return (
    <div className="filters">
      <SearchField />
      <div className="chips" role="group" aria-label={t("files.filter")}>
        {FILE_STATES.map((state) => (
          <button
            key={state}
            type="button"
            className="chip"
            aria-pressed={chosen.includes(state)}
            onClick={() => toggle(state)}
          >
            <span className={`status ${FILE_TONE[state]}`}>
              <Glyph tone={FILE_TONE[state]} size={11} />
            </span>
            {t(`file.${state}`)}
            {counts[state] ? <span className="dim">{formatCount(counts[state], language)}</span> : null}
          </button>
        ))}
        {chosen.length > 0 && (
          <button
            type="button"
            className="button ghost small"
            onClick={() => void navigate({ to: ".", search: ({ state: _, ...rest }) => rest, resetScroll: false })}
          >
            {t("files.filter.clear")}
          </button>
        )}
      </div>
    </div>
  );
}

/** Numbers that the overview has anyway; the others would need a count of their own. */
function useCounts(): Partial<Record<FileState, number>> {
  const queue = useOverview().data?.queue;
  if (!queue) return {};
  const { settling, ready, sending, waiting, dead, skipped } = queue;
  return { settling, ready, sending, waiting, dead, skipped };
}

function SearchField() {
  const { t } = useI18n();
  const { q = "" } = useSearch({ from: "/" });
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q);
  const [sent, setSent] = useState(q);
  if (q !== sent) {
    // Back, or a chip, changed the address: what is typed follows
    setSent(q);
    setTyped(q);
  }
  useEffect(() => {
    if (typed === sent) return;
    const timer = setTimeout(() => {
      setSent(typed);
      void navigate({ to: ".", search: ({ q: _, ...rest }) => (typed ? { ...rest, q: typed } : rest), replace: true, resetScroll: false });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, sent, navigate]);
  return (
    <span className="field search">
      <Icon name="search" size={14} />
      <input
        type="text"
        aria-label={t("files.search")}
        placeholder={t("files.search")}
        maxLength={500}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {typed && (
        <button type="button" className="clear" aria-label={t("files.search.clear")} onClick={() => setTyped("")}>
          <Icon name="x" size={13} />
        </button>
      )}
    </span>
  );
}
