import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "../../../api/client";
import { ROLLOUT_KEY, type RolloutDetail, useSeats } from "../../../api/configs";
import { useMay } from "../../../api/account";
import { useI18n } from "../../../i18n/context";
import { formatCount, formatDuration } from "../../../i18n/format";
import { serverNow } from "../../../live/now";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { formatShare } from "../../../ui/rollout/Gates";
import { uploadsOf, type Uploads, windows } from "./result";

/** Agents asked about in one request. */
const MOST_AGENTS = 50;

/** How the uploads of the agents that were reached went before it began, and since. */
export function Result({ rollout }: { rollout: RolloutDetail }) {
  const { t, language } = useI18n();
  const may = useMay()("events:read");
  const seats = useSeats(rollout.rollout_id, rollout.status).data;
  const agents = (seats?.items ?? []).filter(({ offered_at }) => offered_at !== null).slice(0, MOST_AGENTS).map(({ agent_id }) => agent_id);
  const span = windows(rollout, serverNow());
  const query = useQuery({
    queryKey: [ROLLOUT_KEY, "result", rollout.rollout_id, agents.length, Math.floor(span.lengthMs / 60_000)],
    queryFn: async ({ signal }) => {
      const ask = (since: number, until: number): Promise<Uploads> =>
        unwrap(
          client.GET("/api/v1/file-events/facets", {
            params: { query: { agent: agents, since: new Date(since).toISOString(), until: new Date(until).toISOString() } },
            signal,
          }),
        ).then(({ statuses }) => uploadsOf(statuses));
      const [before, after] = await Promise.all([ask(span.beforeMs, span.beganMs), ask(span.beganMs, span.beganMs + span.lengthMs)]);
      return { before, after };
    },
    enabled: may && agents.length > 0,
  });
  if (!may || agents.length === 0) return null;
  const side = (uploads: Uploads): string => (uploads.all ? formatShare(uploads.failed / uploads.all) : t("rollout.result.none"));
  return (
    <Card title={t("rollout.result")} sub={t("rollout.result.help", { span: formatDuration(span.lengthMs / 1000, t) })}>
      <QueryState query={query} rows={2}>
        {({ before, after }) => (
          <dl className="before-after">
            {([["before", before], ["after", after]] as const).map(([key, uploads]) => (
              <div key={key}>
                <dt className="dim">{t(`rollout.result.${key}`)}</dt>
                <dd>
                  <span className={key === "after" && worse(before, after) ? "big status crit" : "big"}>{side(uploads)}</span>
                  {uploads.all > 0 && (
                    <span className="dim">
                      {t("rollout.result.count", { failed: formatCount(uploads.failed, language), all: formatCount(uploads.all, language) })}
                    </span>
                  )}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </QueryState>
    </Card>
  );
}

const worse = (before: Uploads, after: Uploads): boolean =>
  after.all > 0 && after.failed / after.all > (before.all ? before.failed / before.all : 0) + 0.005;
