import { useI18n } from "../../i18n/context";

interface Cell {
  hits: number;
  errors: number;
  warns: number;
}

interface Props {
  cells: readonly Cell[];
  /** Which part of the file is in sight, as shares. */
  view: readonly [from: number, to: number];
  /** Go to what was found in a part. */
  onCell: (index: number) => void;
}

/** Where in a file something was found: a bar for each equal part, its colour the worst level in it. */
export function HitStrip({ cells, view, onCell }: Props) {
  const { t } = useI18n();
  const most = Math.max(1, ...cells.map(({ hits }) => hits));
  const total = cells.reduce((sum, { hits }) => sum + hits, 0);
  const [from, to] = view;
  return (
    <div className="hit-strip" role="img" aria-label={t("log.strip", { count: total })}>
      {cells.map(({ hits, errors, warns }, index) => (
        <i
          key={index}
          className={hits === 0 ? "" : errors ? "error" : warns ? "warn" : "plain"}
          style={hits === 0 ? undefined : { height: `${Math.round(25 + 75 * Math.sqrt(hits / most))}%` }}
          title={hits === 0 ? undefined : t("log.strip.cell", { count: hits })}
          onClick={() => hits > 0 && onCell(index)}
        />
      ))}
      <span className="hit-view" style={{ left: `${from * 100}%`, width: `${Math.max(0.8, (to - from) * 100)}%` }} />
    </div>
  );
}
