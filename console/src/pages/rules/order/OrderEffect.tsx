import type { RuleSequence } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { Status } from "../../../ui/Status";

/** What another order changes: which rules get another priority, and which never get their turn any more. */
export function OrderEffect({ effect }: { effect: RuleSequence }) {
  const { t } = useI18n();
  return (
    <div className="order-effect">
      {effect.hidden.map(({ rule_id: id, name, by_name: by }) => (
        <p key={id} className="notice warn">
          <Status tone="warn">{t("order.hidden", { name, by })}</Status>
        </p>
      ))}
      {effect.freed.map(({ rule_id: id, name, by_name: by }) => (
        <p key={id} className="notice">
          <Status tone="ok">{t("order.freed", { name, by })}</Status>
        </p>
      ))}
      {effect.hidden.length + effect.freed.length === 0 && <p className="dim">{t("order.no.shadow")}</p>}
      <p>{t("order.moves", { count: effect.moved.length })}</p>
      <ul className="order-moves">
        {effect.moved.slice(0, 20).map(({ rule_id: id, name, before, after }) => (
          <li key={id}>
            <span className="el">{name}</span>
            <span className="num dim">
              {before} → <strong>{after}</strong>
            </span>
          </li>
        ))}
      </ul>
      {effect.moved.length > 20 && <p className="dim small">{t("try.more", { count: effect.moved.length - 20 })}</p>}
    </div>
  );
}
