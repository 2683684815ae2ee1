import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { useI18n } from "../../i18n/context";
import { Status, type Tone } from "../Status";
import { type Agent, type Cell, cellsOf, neighbour } from "./cells";

export interface Wave {
  title: string;
  /** When it began and ended, or what it waits for. */
  sub: ReactNode;
  tone: Tone;
  word: string;
  agents: Agent[];
  /** Agents of it that are not among `agents`. */
  hidden?: number;
  /** This is where the rollout stands. */
  current: boolean;
}

interface Props {
  label: string;
  waves: readonly Wave[];
  /** Where the page of an agent is. */
  hrefOf: (id: string) => string;
  /** The agent that the reader looks at. */
  mine?: string;
}

/** The waves of a rollout beside each other, a cell for each agent: shape and colour say how it stands there. */
export function Waves({ label, waves, hrefOf, mine }: Props) {
  return (
    <ol className="waves" aria-label={label}>
      {waves.map((wave) => (
        <li key={wave.title} className={`${wave.current ? "current " : ""}${wave.tone}`} aria-current={wave.current ? "step" : undefined}>
          <div className="wave-head">
            <strong>{wave.title}</strong>
            <Status tone={wave.tone}>{wave.word}</Status>
          </div>
          <div className="wave-sub">{wave.sub}</div>
          <Cells wave={wave} hrefOf={hrefOf} mine={mine} />
        </li>
      ))}
    </ol>
  );
}

/** More would be too small to be hit or told apart. */
const MOST_CELLS = 320;

function Cells({ wave, hrefOf, mine }: { wave: Wave; hrefOf: Props["hrefOf"]; mine: string | undefined }) {
  const { t } = useI18n();
  const { cells, each } = useMemo(() => cellsOf(wave.agents, MOST_CELLS), [wave.agents]);
  const [focus, setFocus] = useState(0);
  const place = useRef<HTMLDivElement>(null);
  const walk = (event: KeyboardEvent): void => {
    const grid = place.current;
    if (!grid) return;
    const columns = Math.max(1, getComputedStyle(grid).gridTemplateColumns.split(" ").length);
    const next = neighbour(event.key, focus, cells.length, columns);
    if (next === null) return;
    event.preventDefault();
    setFocus(next);
    grid.querySelectorAll<HTMLElement>("a")[next]?.focus();
  };
  const words = useMemo(() => counted(wave.agents), [wave.agents]);
  return (
    <>
      <div ref={place} className="cells" role="group" aria-label={wave.title} onKeyDown={walk}>
        {cells.map((cell, index) => (
          <CellLink key={cell.agents[0]?.id ?? index} cell={cell} href={hrefOf} mine={mine !== undefined && cell.agents.some(({ id }) => id === mine)} tabbable={index === Math.min(focus, cells.length - 1)} onFocus={() => setFocus(index)} />
        ))}
      </div>
      <p className="wave-words">
        {words.map(({ word, tone, count }) => (
          <span key={word} className={`status ${tone}`}>
            {t("waves.count", { word, count })}
          </span>
        ))}
        {each > 1 && <span className="dim">{t("waves.each", { count: each })}</span>}
        {(wave.hidden ?? 0) > 0 && <span className="dim">{t("waves.hidden", { count: wave.hidden ?? 0 })}</span>}
      </p>
    </>
  );
}

interface CellProps {
  cell: Cell;
  href: Props["hrefOf"];
  mine: boolean;
  tabbable: boolean;
  onFocus: () => void;
}

function CellLink({ cell, href, mine, tabbable, onFocus }: CellProps) {
  const { t } = useI18n();
  const [first] = cell.agents;
  if (!first) return null;
  const said = t("waves.agent", { name: first.name, word: first.word });
  const label = cell.agents.length > 1 ? t("waves.agents", { first: said, more: cell.agents.length - 1 }) : said;
  return <a className={`cell ${cell.tone}`} aria-current={mine || undefined} href={href(first.id)} tabIndex={tabbable ? 0 : -1} aria-label={label} title={label} onFocus={onFocus} />;
}

/** How many there are of each word, in the order of first sight. */
function counted(agents: readonly Agent[]): { word: string; tone: Tone; count: number }[] {
  const found = new Map<string, { word: string; tone: Tone; count: number }>();
  for (const { word, tone } of agents) {
    const known = found.get(word);
    if (known) known.count++;
    else found.set(word, { word, tone, count: 1 });
  }
  return [...found.values()];
}
