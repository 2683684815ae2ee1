import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "../../api/client";
import { AUDIT_KEY, type Entry } from "../../api/audit";
import { useMay } from "../../api/account";
import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { QueryState } from "../../ui/QueryState";
import { Glyph, type Tone } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";

const SPAN_MS = 30 * 60_000;
const MOST = 20;

/** What went wrong in the half hour after a change; what touches the same object stands out. */
export function Aftermath({ entry }: { entry: Entry }) {
  const { t, language } = useI18n();
  const may = useMay()("events:read");
  const until = new Date(Date.parse(entry.at) + SPAN_MS).toISOString();
  const query = useQuery({
    queryKey: [AUDIT_KEY, "aftermath", entry.seq],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/events", { params: { query: { since: entry.at, until, min_severity: "warning", limit: MOST } as never }, signal })),
    enabled: may,
    staleTime: 15_000,
  });
  if (!may) return null;
  return (
    <section className="aftermath" aria-label={t("audit.aftermath", { span: formatDuration(SPAN_MS / 1000, t) })}>
      <h3>{t("audit.aftermath", { span: formatDuration(SPAN_MS / 1000, t) })}</h3>
      <QueryState query={query} rows={2}>
        {({ items }) =>
          items.length ? (
            <ul>
              {items.toReversed().map((event) => {
                const tone: Tone = event.severity === "warning" ? "warn" : "crit";
                const kind = event.type.replace(/^gwf\./, "");
                const word = wordOf(language, "event", kind);
                return (
                  <li key={event.id}>
                    <span className={`status ${tone}`}>
                      <Glyph tone={tone} />
                    </span>
                    <TimeText at={event.time} />
                    <span>{word === `event.${kind}` ? kind : word}</span>
                    {event.subject && <span className="mono dim el">{event.subject}</span>}
                    {event.subject === entry.resource.id && <span className="related">{t("audit.aftermath.same")}</span>}
                  </li>
                );
              })}
            </ul>
          ) : (
            <p className="dim">{t("audit.aftermath.none")}</p>
          )
        }
      </QueryState>
    </section>
  );
}
