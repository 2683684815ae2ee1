import { useEffect, useState } from "react";
import { useI18n } from "../../i18n/context";
import { Icon } from "../Icon";

/** Typing pauses this long before the server is asked. */
const TYPING_MS = 300;

interface Props {
  label: string;
  value: string;
  /** Called when typing pauses. */
  onSearch: (text: string) => void;
}

/** The text search of a list; `/` goes to it. */
export function SearchField({ label, value, onSearch }: Props) {
  const { t } = useI18n();
  const [typed, setTyped] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== sent) {
    // Back, or a chip, changed the address: what is typed follows
    setSent(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === sent) return;
    const timer = setTimeout(() => {
      setSent(typed);
      onSearch(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, sent, onSearch]);
  return (
    <span className="field search">
      <Icon name="search" size={14} />
      <input
        type="text"
        data-search=""
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={label}
        maxLength={500}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
      {typed ? (
        <button type="button" className="clear" aria-label={t("filter.search.clear")} onClick={() => setTyped("")}>
          <Icon name="x" size={13} />
        </button>
      ) : (
        <kbd aria-hidden="true">/</kbd>
      )}
    </span>
  );
}
