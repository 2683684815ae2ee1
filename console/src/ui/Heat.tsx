import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { useDark } from "../app/prefs";
import { useI18n } from "../i18n/context";
import { cellAt, drawCell, GAP, gridOf, walk } from "./cells";
import { type Condition, conditionOf } from "./conditions";

/** Id, name and letter of the condition, as the server sends them. */
export type Cell = readonly string[];

interface Props {
  cells: readonly Cell[];
  label: string;
  size?: number;
  onOpen: (id: string) => void;
}

const COLOR: Record<Condition, string> = {
  online: "--ok-f", draining: "--hold-f", revoked: "--mute", degraded: "--warn-f", offline: "--mute", failing: "--crit-f",
  unknown: "--mute-f",
};
/** Most agents are well: they stay in the background. */
const CALM = 0.5;

/** A cell for each agent, its shape and colour by condition; arrow keys walk, Enter opens. */
export function Heat({ cells, label, size = 12, onOpen }: Props) {
  const { t } = useI18n();
  const id = useId();
  const dark = useDark();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [active, setActive] = useState<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const grid = gridOf(cells.length, width, size);
  const told = hovered ?? active;
  const cell = told === null ? undefined : cells[told];
  const words = (one: Cell): string => t("heat.cell", { name: one[1] ?? "", state: t(`condition.${conditionOf(one[2] ?? "")}`) });

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context && width > 0) paint(context, cells, size, grid.columns, { width, height: grid.height });
  }, [cells, width, size, grid.columns, grid.height, dark]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const now = active ?? 0;
    const opened = event.key === "Enter" ? cells[now] : undefined;
    if (opened?.[0] !== undefined) return onOpen(opened[0]);
    const next = walk(event.key, active === null ? -1 : now, cells.length, grid.columns);
    if (next === null) return;
    event.preventDefault();
    setActive(Math.max(0, next));
  };
  const place = (event: PointerEvent): number | null => {
    const rect = event.currentTarget.getBoundingClientRect();
    return cellAt(event.clientX - rect.left, event.clientY - rect.top, cells.length, grid, size);
  };
  const at = told === null ? null : { left: (told % grid.columns) * (size + GAP), top: Math.floor(told / grid.columns) * (size + GAP) };

  return (
    <div
      ref={box}
      className="heat"
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={active === null ? undefined : id}
      onKeyDown={onKeyDown}
      onFocus={() => setActive((old) => old ?? 0)}
      onBlur={() => setActive(null)}
      style={{ height: grid.height }}
    >
      <canvas
        ref={canvas}
        aria-hidden="true"
        onPointerMove={(event) => setHovered(place(event))}
        onPointerLeave={() => setHovered(null)}
        onClick={() => cell?.[0] !== undefined && onOpen(cell[0])}
      />
      {at && cell && (
        <>
          <i className="heat-mark" aria-hidden="true" style={{ ...at, width: size, height: size }} />
          <span className="heat-tip" aria-hidden="true" style={{ left: Math.min(at.left, Math.max(0, width - 190)), top: at.top + size + 6 }}>
            {words(cell)}
          </span>
        </>
      )}
      {/* what a screen reader is on; the picture itself says nothing to it */}
      <span id={id} className="sr" role="option" aria-selected={active !== null}>
        {cells[active ?? 0] ? words(cells[active ?? 0] ?? []) : label}
      </span>
    </div>
  );
}

function paint(
  context: CanvasRenderingContext2D,
  cells: readonly Cell[],
  size: number,
  columns: number,
  area: { width: number; height: number },
): void {
  const scale = window.devicePixelRatio || 1;
  const { canvas } = context;
  canvas.width = Math.round(area.width * scale);
  canvas.height = Math.round(area.height * scale);
  canvas.style.width = `${area.width}px`;
  canvas.style.height = `${area.height}px`;
  context.scale(scale, scale);
  context.lineWidth = 1.5;
  const style = getComputedStyle(canvas);
  const colors = new Map<Condition, string>();
  cells.forEach(([, , letter], index) => {
    const condition = conditionOf(letter ?? "");
    const color = colors.get(condition) ?? style.getPropertyValue(COLOR[condition]).trim();
    colors.set(condition, color);
    context.fillStyle = context.strokeStyle = color;
    context.globalAlpha = condition === "online" ? CALM : 1;
    drawCell(context, condition, (index % columns) * (size + GAP), Math.floor(index / columns) * (size + GAP), size);
  });
}
