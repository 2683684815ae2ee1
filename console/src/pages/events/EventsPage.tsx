import { Link } from "@tanstack/react-router";
import { useMay } from "../../api/account";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { Forbidden } from "../../ui/StateBlock";
import { EventList } from "./EventList";
import { FileEventList } from "./FileEventList";
import "../../styles/events.css";

type Kind = "events" | "files";

/** What happened on the platform: alarms, states, configurations, people, and what others send. */
export const EventsPage = () => <Page kind="events" />;

/** What happened to files. */
export const FileEventsPage = () => <Page kind="files" />;

const PATHS = { events: "/events", files: "/events/files" } as const;

function Page({ kind }: { kind: Kind }) {
  const { t } = useI18n();
  const may = useMay()("events:read");
  return (
    <div className="stack">
      <PageHead title={t("events.title")} />
      <nav className="parts" aria-label={t("events.tab.label")}>
        <span className="segments">
          {(["events", "files"] as const).map((one) => (
            <Link key={one} to={PATHS[one]} activeOptions={{ exact: true, includeSearch: false }} className="segment">
              {t(`events.tab.${one}`)}
            </Link>
          ))}
        </span>
      </nav>
      {!may && (
        <section className="card">
          <Forbidden permission="events:read" />
        </section>
      )}
      {may && (kind === "events" ? <EventList /> : <FileEventList />)}
    </div>
  );
}
