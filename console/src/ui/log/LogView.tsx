import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { useI18n } from "../../i18n/context";
import { Icon } from "../Icon";
import { useVirtual } from "../useVirtual";
import { type LogRow, partsOf } from "./lines";

export const LOG_ROW_PX = 20;
/** So near to an edge, further lines are fetched. */
const NEAR_PX = 400;
const END_PX = 24;

interface Props {
  label: string;
  rows: readonly LogRow[];
  wrap: boolean;
  /** Line that a link named. */
  marked: number | undefined;
  /** Key of the find that is stepped to. */
  current: string | undefined;
  follow: boolean;
  /** The end of the file is among the rows. */
  atEnd: boolean;
  setFollow: (on: boolean) => void;
  /** A line's number was clicked: the address names it. */
  onLine: (number: number) => void;
  onTop: () => void;
  onBottom: () => void;
  onGap: (after: number, before: number) => void;
  /** Bytes of the first and last line in sight. */
  onView: (from: number, to: number) => void;
  children?: ReactNode;
}

/** Lines of a file: only those in sight are drawn, unless they wrap; it follows the end until the reader moves. */
export function LogView(props: Props) {
  const { rows, wrap, marked, current, follow, atEnd, setFollow } = props;
  const { t } = useI18n();
  const box = useRef<HTMLDivElement>(null);
  const { from, to, reveal } = useVirtual(box, rows.length, LOG_ROW_PX);
  const firstKey = rows.find(({ kind }) => kind === "line")?.key;
  const before = useRef<{ key: string | undefined; top: number }>({ key: undefined, top: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const old = before.current.key;
    if (follow) element.scrollTop = element.scrollHeight;
    else if (old !== undefined && old !== firstKey) {
      // lines came in before those in sight: what is read stays where it is
      const moved = rows.findIndex(({ key }) => key === old);
      if (moved > 0) element.scrollTop += wrap ? heightBefore(element, old) : moved * LOG_ROW_PX;
    }
    before.current.key = firstKey;
  }, [rows, follow, firstKey, wrap]);
  const goTo = current ?? rows.find((row) => row.kind === "line" && row.line.number === marked)?.key;
  useEffect(() => {
    if (goTo === undefined) return;
    if (wrap) box.current?.querySelector(`[data-key="${goTo}"]`)?.scrollIntoView({ block: "center" });
    else reveal(rows.findIndex(({ key }) => key === goTo));
    // only when the goal changes: rows that come in do not move the reader
  }, [goTo, wrap, rows.length === 0]);
  const latest = useRef(props);
  latest.current = props;
  const [drawnFrom, drawnTo] = wrap ? [0, rows.length] : [from, to];
  useEffect(() => {
    const lines = rows.slice(drawnFrom, drawnTo).flatMap((row) => (row.kind === "line" ? [row.line.offset] : []));
    if (lines.length) latest.current.onView(lines[0] ?? 0, lines.at(-1) ?? 0);
  }, [rows, drawnFrom, drawnTo]);
  const onScroll = (): void => {
    const element = box.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const left = scrollHeight - scrollTop - clientHeight;
    const up = scrollTop < before.current.top - 2;
    before.current.top = scrollTop;
    if (scrollTop < NEAR_PX) latest.current.onTop();
    if (left < NEAR_PX) latest.current.onBottom();
    if (follow && up && left > END_PX) setFollow(false);
    else if (!follow && atEnd && left <= 2 && !up) setFollow(true);
  };
  return (
    <div className="log-frame">
      <div
        ref={box}
        className={wrap ? "log wrap" : "log"}
        role="log"
        aria-live="off"
        aria-label={props.label}
        tabIndex={0}
        onScroll={onScroll}
        onPointerUp={() => follow && window.getSelection()?.toString() && setFollow(false)}
      >
        <div className="log-rows" style={wrap ? undefined : { height: rows.length * LOG_ROW_PX }}>
          <div style={wrap ? undefined : { transform: `translateY(${from * LOG_ROW_PX}px)` }}>
            {rows.slice(drawnFrom, drawnTo).map((row) =>
              row.kind === "gap" ? (
                <button
                  key={row.key}
                  type="button"
                  className="log-gap"
                  data-key={row.key}
                  onClick={() => props.onGap(row.after, row.before)}
                >
                  {t("log.gap", { count: row.before - row.after - 1 })}
                </button>
              ) : (
                <Line
                  key={row.key}
                  row={row}
                  marked={row.line.number !== null && row.line.number === marked}
                  current={row.key === current}
                  onLine={props.onLine}
                />
              ),
            )}
          </div>
        </div>
      </div>
      {props.children}
    </div>
  );
}

/** How high the rows before one are, when they wrap. */
function heightBefore(box: HTMLElement, key: string): number {
  const row = box.querySelector<HTMLElement>(`[data-key="${key}"]`);
  return row ? row.offsetTop : 0;
}

interface LineProps {
  row: Extract<LogRow, { kind: "line" }>;
  marked: boolean;
  current: boolean;
  onLine: (number: number) => void;
}

function Line({ row: { key, line }, marked, current, onLine }: LineProps) {
  const { t } = useI18n();
  const { number, level, hit } = line;
  const tint = level === "error" || level === "warn" ? ` ${level}` : "";
  return (
    <div
      className={`log-line${tint}${hit ? " hit" : ""}${marked ? " marked" : ""}${current ? " current" : ""}`}
      data-key={key}
    >
      {typeof number === "number" ? (
        <button type="button" tabIndex={-1} className="log-number" title={t("log.link")} onClick={() => onLine(number)}>
          {number.toLocaleString("en-US")}
        </button>
      ) : (
        <span className="log-number" aria-hidden="true">
          {"·"}
        </span>
      )}
      <span className="log-text">
        {partsOf(line).map((part, index) =>
          part.mark === "hit" ? (
            <mark key={index}>{part.text}</mark>
          ) : part.mark === "level" ? (
            <b key={index} className={`log-level ${level}`}>
              {part.text}
            </b>
          ) : (
            part.text
          ),
        )}
        {line.cut && (
          <span className="log-cut" title={t("log.cut")}>
            <Icon name="more" size={12} />
          </span>
        )}
      </span>
    </div>
  );
}
