import { useMay } from "../../api/account";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { Parts } from "../../ui/Parts";
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
      <Parts label={t("events.tab.label")} parts={(["events", "files"] as const).map((one) => ({ to: PATHS[one], name: t(`events.tab.${one}`) }))} />
      {!may && (
        <section className="card">
          <Forbidden permission="events:read" />
        </section>
      )}
      {may && (kind === "events" ? <EventList /> : <FileEventList />)}
    </div>
  );
}
