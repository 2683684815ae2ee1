import { type KeyboardEvent, memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useI18n } from "../../i18n/context";
import { Icon } from "../Icon";
import { PathText } from "../PathText";
import { useVirtual } from "../useVirtual";
import { type Branch, linesOf, step, type TreeItem, type TreeLine } from "./flatten";

const ROW_PX = 26;
const INDENT_PX = 15;

interface Props<T extends TreeItem> {
  label: string;
  /** Key under which the top nodes are in `branches`. */
  root: string;
  branches: ReadonlyMap<string, Branch<T>>;
  open: ReadonlySet<string>;
  selected: string | undefined;
  toggle: (key: string) => void;
  select: (item: T) => void;
  /** The end of what was fetched of a branch is in sight, or it shall be tried again. */
  fetchMore: (parent: string) => void;
  icon: (item: T) => ReactNode;
  /** Stands at the right edge: a state, a count. */
  aside: (item: T) => ReactNode;
}

/** A lazy tree of any size: only lines in sight are drawn, further ones are fetched as they come into sight. */
export function Tree<T extends TreeItem>(props: Props<T>) {
  const { label, root, branches, open, selected, toggle, select, fetchMore } = props;
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | undefined>(selected);
  const lines = useMemo(() => linesOf(root, branches, open), [root, branches, open]);
  const { from, to, reveal } = useVirtual(box, lines.length, ROW_PX);
  const places = useMemo(() => new Map(lines.map(({ key }, index) => [key, index])), [lines]);
  const at = places.get(active ?? selected ?? "") ?? 0;
  const seen = lines.slice(from, to);
  const wanted = seen.find(({ kind }) => kind === "more");
  const wantedParent = wanted && "parent" in wanted ? wanted.parent : undefined;
  useEffect(() => {
    if (wantedParent !== undefined) fetchMore(wantedParent);
    // fetchMore is another function with every render; asking again for the same is harmless
  }, [wantedParent, lines.length]);
  const place = selected === undefined ? undefined : places.get(selected);
  const revealed = useRef<string>(undefined);
  useEffect(() => {
    if (place === undefined || revealed.current === selected) return;
    revealed.current = selected;
    reveal(place);
  }, [place, selected, reveal]);
  const onKey = (event: KeyboardEvent): void => {
    const line = lines[at];
    if (event.key === "Enter" || event.key === " ") {
      if (line?.kind === "item") select(line.item);
      event.preventDefault();
      return;
    }
    const { go, toggle: key } = step(lines, at, event.key);
    if (go === undefined && key === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (key !== undefined) toggle(key);
    if (go === undefined) return;
    setActive(lines[go]?.key);
    reveal(go);
  };
  const latest = useRef({ toggle, select });
  latest.current = { toggle, select };
  const act = useMemo<Act<T>>(
    () => ({
      toggle: (key) => latest.current.toggle(key),
      select: (item) => {
        setActive(item.key);
        latest.current.select(item);
      },
    }),
    [],
  );
  const current = lines[at];
  return (
    <div
      ref={box}
      className="tree"
      role="tree"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={current && at >= from && at < to ? idOf(current.key) : undefined}
      onKeyDown={onKey}
    >
      <div style={{ height: lines.length * ROW_PX }} role="presentation">
        <div style={{ transform: `translateY(${from * ROW_PX}px)` }} role="presentation">
          {seen.map((line) =>
            line.kind === "item" ? (
              <Item
                key={line.key}
                line={line}
                selected={line.key === selected}
                active={line.key === current?.key}
                act={act}
                icon={props.icon}
                aside={props.aside}
              />
            ) : (
              <Tail key={line.key} line={line} again={() => fetchMore(line.parent)} />
            ),
          )}
        </div>
      </div>
    </div>
  );
}

const idOf = (key: string): string => `tree-${encodeURIComponent(key)}`;

interface ItemProps<T extends TreeItem> {
  line: Extract<TreeLine<T>, { kind: "item" }>;
  selected: boolean;
  active: boolean;
  act: Act<T>;
  icon: (item: T) => ReactNode;
  aside: (item: T) => ReactNode;
}

interface Act<T extends TreeItem> {
  toggle: (key: string) => void;
  select: (item: T) => void;
}

/** One line; drawn anew only when something of it changed. */
const Item = memo(ItemOf, (old, now) => {
  const [a, b] = [old.line, now.line];
  const same = a.item === b.item && a.open === b.open && a.depth === b.depth && a.place === b.place && a.of === b.of;
  return same && old.selected === now.selected && old.active === now.active && old.icon === now.icon && old.aside === now.aside;
}) as typeof ItemOf;

function ItemOf<T extends TreeItem>({ line, selected, active, act, icon, aside }: ItemProps<T>) {
  const { item, depth, open, place, of } = line;
  const { toggle, select } = act;
  return (
    <div
      id={idOf(item.key)}
      role="treeitem"
      className={`tree-row${selected ? " sel" : ""}${active ? " active" : ""}`}
      style={{ height: ROW_PX, paddingLeft: 6 + depth * INDENT_PX }}
      aria-level={depth + 1}
      aria-posinset={place}
      aria-setsize={of}
      aria-selected={selected}
      aria-expanded={item.branch ? open : undefined}
      title={item.name}
      onClick={() => select(item)}
    >
      {item.branch ? (
        <span
          className={`tree-twist${open ? " open" : ""}`}
          onClick={(event) => {
            event.stopPropagation();
            toggle(item.key);
          }}
        >
          <Icon name="chevron" size={13} />
        </span>
      ) : (
        <span className="tree-twist" />
      )}
      {icon(item)}
      <PathText text={item.name} className="tree-name" />
      <span className="tree-aside">{aside(item)}</span>
    </div>
  );
}

interface TailProps {
  line: Exclude<TreeLine<TreeItem>, { kind: "item" }>;
  again: () => void;
}

/** What stands in the place of children that are not there. */
function Tail({ line, again }: TailProps) {
  const { t } = useI18n();
  return (
    <div className="tree-row tail" role="none" style={{ height: ROW_PX, paddingLeft: 24 + line.depth * INDENT_PX }}>
      {line.kind === "failed" ? (
        <button type="button" className="button ghost small" tabIndex={-1} onClick={again}>
          <Icon name="retry" size={12} />
          {t("tree.failed")}
        </button>
      ) : (
        <span>{t(line.kind === "empty" ? "tree.empty" : "tree.loading")}</span>
      )}
    </div>
  );
}
