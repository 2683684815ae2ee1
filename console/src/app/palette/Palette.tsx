import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useSearchAll } from "../../api/find";
import { useI18n } from "../../i18n/context";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { FoundNotes } from "./FoundNotes";
import { type Item, type ItemGroup, useFoundItems, useOwnItems } from "./items";
import "../../styles/palette.css";

/** Typing pauses this long before the server is asked. */
const TYPING_MS = 200;

/** Go to a page, find a thing, open what was open lately, or do something, by typing a few letters. */
export default function Palette({ close }: { close: () => void }) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const asked = useLate(typed, TYPING_MS);
  const search = useSearchAll(asked);
  const own = useOwnItems(typed);
  const found = useFoundItems(typed.trim() ? search.findings : undefined, typed);
  const groups = [...own, ...found];
  const items = groups.flatMap((group) => group.items);
  const chosen = Math.min(at, items.length - 1);
  const busy = search.asking || (typed !== asked && typed.trim() !== "");
  useEffect(() => {
    void list.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" }); // a promise in newer browsers
  }, [chosen]);
  const run = (item: Item | undefined): void => {
    if (!item) return;
    close();
    item.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const next = stepOf(event.key, chosen, groups);
    if (next !== undefined) {
      event.preventDefault();
      setAt(next);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(items[chosen]);
    }
  };
  return (
    <Dialog title={<span className="sr">{t("palette.open")}</span>} close={close} width={640} className="palette">
      <div className={busy ? "palette-field busy" : "palette-field"}>
        <Icon name="search" size={16} />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={items[chosen] ? `${id}-${chosen}` : undefined}
          aria-label={t("palette.open")}
          placeholder={t("palette.placeholder")}
          value={typed}
          maxLength={200}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      {items.length > 0 && (
        <div id={`${id}-list`} ref={list} className="palette-list" role="listbox" aria-label={t("palette.results")} aria-busy={busy}>
          <Groups groups={groups} id={id} chosen={chosen} point={setAt} run={run} />
        </div>
      )}
      {!items.length && !busy && <p className="dim palette-none">{t("palette.none", { text: typed })}</p>}
      {typed.trim() && <FoundNotes search={search} />}
    </Dialog>
  );
}

/** Where a key leads: the next line, or the first one of the next group. */
function stepOf(key: string, at: number, groups: readonly ItemGroup[]): number | undefined {
  const count = groups.reduce((sum, { items }) => sum + items.length, 0);
  if (!count) return undefined;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  if (key !== "PageDown" && key !== "PageUp") return undefined;
  let start = 0;
  const starts = groups.map(({ items }) => (start += items.length) - items.length);
  return key === "PageDown" ? (starts.find((one) => one > at) ?? count - 1) : (starts.findLast((one) => one < at) ?? 0);
}

interface GroupsProps {
  groups: readonly ItemGroup[];
  id: string;
  chosen: number;
  point: (index: number) => void;
  run: (item: Item) => void;
}

function Groups({ groups, id, chosen, point, run }: GroupsProps) {
  let index = -1;
  return groups.map(({ key, title, items }) => (
    <div key={key} role="group" aria-labelledby={`${id}-${key}`}>
      <p id={`${id}-${key}`} className="palette-group" role="presentation">
        {title}
      </p>
      {items.map((item) => {
        const place = (index += 1);
        return (
          <div
            key={item.id}
            id={`${id}-${place}`}
            className="palette-item"
            role="option"
            aria-selected={place === chosen}
            onPointerMove={() => point(place)}
            onClick={() => run(item)}
          >
            <Icon name={item.icon} size={15} />
            <span className="el" title={item.label}>{item.label}</span>
            {item.note && <span className="palette-note el">{item.note}</span>}
          </div>
        );
      })}
    </div>
  ));
}

/** A value once it has stayed the same for a while. */
function useLate<T>(value: T, afterMs: number): T {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return late;
}
