import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { formatAgo, formatDuration } from "../../i18n/format";
import { useServerNow } from "../../live/now";
import { Card } from "../../ui/Card";
import { Empty } from "../../ui/StateBlock";
import { Status, type Tone } from "../../ui/Status";

type Watch = Overview["watches"][number];

const TONES: Record<Watch["state"], Tone> = { watching: "ok", scanning: "run", missing: "warn", denied: "crit" };

/** Which trees are watched, how, and whether they are there. */
export function Directories({ watches }: { watches: Watch[] }) {
  const { t } = useI18n();
  return (
    <Card title={t("watches.title")} sub={t("watches.count", { count: watches.length })}>
      {watches.length ? (
        <ul className="lines">
          {watches.map((watch) => (
            <Line key={watch.path} watch={watch} />
          ))}
        </ul>
      ) : (
        <Empty title={t("watches.none")}>{t("watches.none.sub")}</Empty>
      )}
    </Card>
  );
}

function Line({ watch }: { watch: Watch }) {
  const { t } = useI18n();
  const now = useServerNow(10_000);
  const there = watch.state === "watching" || watch.state === "scanning";
  const reconciled = watch.reconciled_at
    ? t("watches.reconciled", {
        ago: formatAgo(Math.max(0, now - Date.parse(watch.reconciled_at)) / 1000, t),
        ms: formatDuration((watch.reconcile_ms ?? 0) / 1000, t),
      })
    : t("watches.never");
  const facts = t("watches.facts", {
    directories: watch.directories,
    mode: t(`watch.mode.${watch.mode}`),
    suffixes: watch.suffixes.join(" ") || t("watches.all"),
  });
  return (
    <li>
      <div className="line-head">
        <span className="mono strong el" title={watch.path}>
          {watch.path}
        </span>
        <Status tone={TONES[watch.state]}>{t(`watch.state.${watch.state}`)}</Status>
      </div>
      <p className="small dim el" title={facts}>
        {t("watches.to", { store: watch.store })}
        {there && ` · ${facts}`}
      </p>
      {there && <p className="small dim el">{reconciled}</p>}
    </li>
  );
}
