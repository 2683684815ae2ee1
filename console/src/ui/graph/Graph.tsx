import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { useI18n } from "../../i18n/context";
import { Segments } from "../Segments";
import { Glyph, Status, type Tone } from "../Status";
import { layoutOf, type Spot } from "./layout";
import "../../styles/graph.css";
import "../../styles/plain.css";

/** One step of a flow. */
export interface Node {
  key: string;
  name: string;
  /** What it does, in a few words. */
  sub: string;
  /** null = a definition: nothing runs. */
  tone: Tone | null;
  /** The state as a word; "" = none. */
  word: string;
  /** It waits for a person, or undoes something: drawn with another border. */
  kind?: "approval" | "undo" | undefined;
}

export interface Link {
  from: string;
  to: string;
  /** When this way is gone; "" = always. */
  label?: string | undefined;
  /** It is not the usual way: gone on failure, or undoes. */
  dashed?: boolean | undefined;
}

interface Props {
  label: string;
  nodes: readonly Node[];
  links: readonly Link[];
  chosen?: string | undefined;
  choose: (key: string) => void;
}

const SIZE = { width: 172, height: 46, gapX: 56, gapY: 18 };
const PAD = 10;

/** Steps and what follows what, left to right, coloured by state; arrow keys walk, Enter chooses; the same as a list. */
export function Graph({ label, nodes, links, chosen, choose }: Props) {
  const { t } = useI18n();
  const [view, setView] = useState<"picture" | "list">("picture");
  return (
    <div className="graph">
      <div className="graph-tools">
        <Segments label={t("graph.view")} value={view} onChange={setView} options={[{ value: "picture", label: t("graph.picture") }, { value: "list", label: t("graph.list") }]} />
      </div>
      {view === "picture" ? <Picture label={label} nodes={nodes} links={links} chosen={chosen} choose={choose} /> : <List label={label} nodes={nodes} links={links} choose={choose} />}
    </div>
  );
}

function Picture({ label, nodes, links, chosen, choose }: Props) {
  const arrow = useId();
  const svg = useRef<SVGSVGElement>(null);
  const [at, setAt] = useState<string | null>(null);
  const layout = useMemo(() => layoutOf(nodes.map(({ key }) => key), links, SIZE), [nodes, links]);
  const words = new Map(links.map((link) => [`${link.from} ${link.to}`, link]));
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const focused = at !== null && byKey.has(at) ? at : (chosen ?? layout.spots[0]?.key);
  const onKeyDown = (event: KeyboardEvent): void => {
    const here = layout.spots.find(({ key }) => key === focused);
    if (!here) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return choose(here.key);
    }
    const next = nearest(event.key, here, layout.spots);
    if (!next) return;
    event.preventDefault();
    setAt(next.key);
    svg.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next.key)}"]`)?.focus();
  };
  const [width, height] = [layout.width + 2 * PAD, layout.height + 2 * PAD];
  return (
    <div className="graph-scroll">
      <svg ref={svg} width={width} height={height} viewBox={`${-PAD} ${-PAD} ${width} ${height}`} role="group" aria-label={label} onKeyDown={onKeyDown}>
        <defs>
          <marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
            <path d="M0 .500 7.500 4 0 7.500z" className="n-arrow" />
          </marker>
        </defs>
        <g aria-hidden="true">
          {layout.lines.map(({ from, to, path, at: place }) => {
            const link = words.get(`${from} ${to}`);
            return (
              <g key={`${from} ${to}`}>
                <path className={link?.dashed ? "n-line dashed" : "n-line"} d={path} markerEnd={`url(#${arrow})`} />
                {link?.label && <text className="n-word" x={place.x} y={place.y - 5} textAnchor="middle">{link.label}</text>}
              </g>
            );
          })}
        </g>
        {layout.spots.map((spot) => {
          const node = byKey.get(spot.key);
          return node && <Box key={spot.key} node={node} spot={spot} focusable={spot.key === focused} chosen={spot.key === chosen} choose={() => (setAt(spot.key), choose(spot.key))} />;
        })}
      </svg>
    </div>
  );
}

interface BoxProps {
  node: Node;
  spot: Spot;
  focusable: boolean;
  chosen: boolean;
  choose: () => void;
}

function Box({ node, spot: { x, y }, focusable, chosen, choose }: BoxProps) {
  const { width, height } = SIZE;
  const said = `${node.name} ${[node.word, node.sub].filter(Boolean).join(" · ")}`;
  return (
    <g className={`n-box ${node.tone ?? "plain"} ${node.kind ?? ""}`} role="button" tabIndex={focusable ? 0 : -1} aria-label={said} aria-pressed={chosen} data-node={node.key} onClick={choose}>
      <title>{said}</title>
      <rect x={x} y={y} width={width} height={height} rx={6} />
      <foreignObject x={x} y={y} width={width} height={height} aria-hidden="true">
        <div className="n-text">
          <span className="n-name">
            {node.tone && <span className={`status ${node.tone}`}><Glyph tone={node.tone} size={11} /></span>}
            <b className="el">{node.name}</b>
          </span>{" "}
          <span className="el n-sub">{[node.word, node.sub].filter(Boolean).join(" · ")}</span>
        </div>
      </foreignObject>
    </g>
  );
}

const WAYS: Record<string, [dx: number, dy: number]> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** The node that lies nearest in the direction of an arrow key. */
function nearest(key: string, here: Spot, spots: readonly Spot[]): Spot | undefined {
  const way = WAYS[key];
  if (!way) return undefined;
  const [dx, dy] = way;
  const ahead = spots.filter(({ x, y }) => (dx ? (x - here.x) * dx > 0 : x === here.x && (y - here.y) * dy > 0));
  const away = ({ x, y }: Spot): number => (dx ? Math.abs(x - here.x) * 4 : 0) + Math.abs(y - here.y);
  return ahead.reduce<Spot | undefined>((best, one) => (!best || away(one) < away(best) ? one : best), undefined);
}

function List({ label, nodes, links, choose }: Pick<Props, "label" | "nodes" | "links" | "choose">) {
  const { t } = useI18n();
  const names = new Map(nodes.map(({ key, name }) => [key, name]));
  return (
    <ol className="graph-list" aria-label={label}>
      {nodes.map((node) => {
        const next = links.filter(({ from }) => from === node.key);
        return (
          <li key={node.key}>
            <button type="button" className="link" onClick={() => choose(node.key)}>{node.name}</button>
            {node.tone && <Status tone={node.tone}>{node.word}</Status>}
            <span className="dim">{node.sub}</span>
            <span className="dim">
              {next.length === 0
                ? t("graph.end")
                : t("graph.then", { names: next.map(({ to, label: when }) => (when ? t("graph.when", { name: names.get(to) ?? to, when }) : (names.get(to) ?? to))).join(t("filter.join")) })}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
