import { Link } from "@tanstack/react-router";
import { type PointerEvent, useRef, useState } from "react";
import type { RuleItem } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { Icon } from "../../../ui/Icon";
import { moved, placeFor } from "./move";

interface Props {
  order: readonly string[];
  rules: ReadonlyMap<string, RuleItem>;
  /** Priorities that change, by rule. */
  after: ReadonlyMap<string, number>;
  set: (order: string[]) => void;
}

/** The rules in the order of asking; a handle takes one to another place by pointer or by arrow keys. */
export function OrderList({ order, rules, after, set }: Props) {
  const { t } = useI18n();
  const [held, setHeld] = useState<string>();
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);

  const over = (event: PointerEvent): void => {
    if (held === undefined) return;
    const row = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("[data-rule]");
    const id = row?.dataset["rule"];
    if (!row || id === undefined || id === held || !list.current?.contains(row)) return;
    const [from, to] = [order.indexOf(held), order.indexOf(id)];
    const { top, height } = row.getBoundingClientRect();
    const past = event.clientY - top > height / 2;
    // only once the middle is passed, so that rows of other heights do not jump to and fro
    if (from < to === past) set(moved(order, from, to));
  };
  const step = (id: string, key: string): boolean => {
    const at = order.indexOf(id);
    const place = placeFor(key, at, order.length);
    if (place === undefined) return false;
    set(moved(order, at, place));
    setSaid(t("order.moved", { name: rules.get(id)?.name ?? id, place: place + 1, count: order.length }));
    return true;
  };
  return (
    <>
      <ol className="order-list" ref={list}>
        {order.map((id, at) => {
          const rule = rules.get(id);
          if (!rule) return null;
          const priority = after.get(id);
          return (
            <li key={id} data-rule={id} className={held === id ? "held" : ""}>
              <button
                type="button"
                className="order-grip"
                aria-label={t("order.grip", { name: rule.name, place: at + 1, count: order.length })}
                aria-keyshortcuts="ArrowUp ArrowDown Home End"
                title={t("order.grip.help")}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  setHeld(id);
                }}
                onPointerMove={over}
                onPointerUp={() => setHeld(undefined)}
                onPointerCancel={() => setHeld(undefined)}
                onKeyDown={(event) => {
                  if (!event.altKey && !event.ctrlKey && !event.metaKey && step(id, event.key)) event.preventDefault();
                }}
              >
                <Icon name="grip" size={14} />
              </button>
              <span className="order-place num">{at + 1}</span>
              <Link to="/rules/$rule" params={{ rule: id }} className="el">
                {rule.name}
              </Link>
              <span className="order-notes">
                {rule.on_match === "stop" && <span className="tag">{t("rules.on_match.stop")}</span>}
                {rule.actions.length > 0 && <span className="mono dim el">{rule.actions.join(", ")}</span>}
              </span>
              <span className="order-priority num">
                {priority === undefined ? (
                  rule.published_priority
                ) : (
                  <>
                    <span className="dim">{rule.published_priority} →</span> <strong>{priority}</strong>
                  </>
                )}
              </span>
            </li>
          );
        })}
      </ol>
      <p className="sr" role="status" aria-live="assertive">
        {said}
      </p>
    </>
  );
}
