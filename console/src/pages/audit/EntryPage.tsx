import { useParams } from "@tanstack/react-router";
import { useEntry } from "../../api/audit";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import "../../styles/audit.css";
import "../../styles/diff.css";
import { QueryState } from "../../ui/QueryState";
import { EntryDetail } from "./EntryDetail";
import { verbOf, whatOf, whoOf } from "./sentence";

/** One entry of the audit, as a page of its own. */
export function EntryPage() {
  const { t, language } = useI18n();
  const { seq } = useParams({ from: "/audit/$seq" });
  const number = Number(seq);
  const entry = useEntry(Number.isSafeInteger(number) && number > 0 ? number : undefined);
  const words = { t, language };
  const title = entry.data
    ? t("audit.say", { who: whoOf(entry.data, words), verb: verbOf(entry.data.action, language), what: whatOf(entry.data, words) })
    : t("audit.fact.number", { seq });
  return (
    <div className="stack">
      <PageHead title={title} crumbs={[{ label: t("audit.title"), to: "/audit" }]} />
      <section className="card">
        <QueryState query={entry} rows={8} object={{ what: t("audit.one"), id: seq }}>
          {(data) => <EntryDetail entry={data} />}
        </QueryState>
      </section>
    </div>
  );
}
