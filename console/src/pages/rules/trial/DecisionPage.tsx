import { Link, useParams } from "@tanstack/react-router";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { NotFoundBlock } from "../../../ui/StateBlock";
import "../../../styles/rules.css";
import { DecisionOf } from "./DecisionOf";

/** What the rules decided about one stored event and why, also when none of them matched. */
export function DecisionPage() {
  const { t } = useI18n();
  const { kind, row } = useParams({ from: "/rules/decisions/$kind/$row" });
  const known = (kind === "event" || kind === "file") && /^\d{1,19}$/.test(row);
  const list = kind === "file" ? "/events/files" : "/events";
  return (
    <div className="stack">
      <PageHead title={t("decision.show")} crumbs={[{ label: t("nav.events"), to: list }]} scoped={false}>
        {known && (
          <Link to={list as string} search={{ sel: row } as never} className="dim mono">
            {t("decision.event", { id: row })}
          </Link>
        )}
      </PageHead>
      {known ? (
        <section className="card pad">
          <DecisionOf kind={kind} rowId={row} />
        </section>
      ) : (
        <NotFoundBlock what={t("events.one")} id={row} />
      )}
    </div>
  );
}
