import { useI18n } from "../../i18n/context";
import { Icon } from "../Icon";
import { useTyped } from "./useTyped";

interface Props {
  label: string;
  value: string;
  /** Called when typing pauses. */
  onSearch: (text: string) => void;
}

/** The text search of a list; `/` goes to it. */
export function SearchField({ label, value, onSearch }: Props) {
  const { t } = useI18n();
  const [typed, setTyped] = useTyped(value, onSearch);
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
