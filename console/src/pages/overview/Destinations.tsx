import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { classed, heldBy } from "../../i18n/raw";
import { wordOf } from "../../i18n/translate";
import { Card } from "../../ui/Card";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { storeJudgement } from "./judge";

type Store = Overview["stores"][number];

/** Where files go, whether it answers, and what the breaker says. */
export function Destinations({ stores }: { stores: Store[] }) {
  const { t } = useI18n();
  return (
    <Card title={t("stores.title")} sub={t("stores.count", { count: stores.length })}>
      {stores.length ? (
        <ul className="lines">
          {stores.map((store) => (
            <Line key={store.name} store={store} />
          ))}
        </ul>
      ) : (
        <Empty title={t("stores.none")} />
      )}
    </Card>
  );
}

function Line({ store }: { store: Store }) {
  const { t } = useI18n();
  const { tone, word } = storeJudgement(store);
  const probe =
    store.probe_in_s === null ? "" : ` · ${t("store.probe", { time: formatDuration(store.probe_in_s, t) })}`;
  return (
    <li>
      <div className="line-head">
        <span className="strong el">{store.name}</span>
        <Status tone={tone}>{t(`store.state.${word}`)}</Status>
      </div>
      <p className="small mono dim el" title={store.url}>
        {store.url}
      </p>
      {store.endpoint && (
        <p className="small mono dim el" title={store.endpoint}>
          {store.endpoint}
        </p>
      )}
      <p className="small row between">
        <span className={store.breaker === "closed" ? "dim" : "broken"}>
          {t(store.breaker_manual ? "store.breaker.manual" : `store.breaker.${store.breaker}`)}
          {probe}
        </span>
        <span className="dim">{t("stores.workers", { sending: store.sending, workers: store.workers })}</span>
      </p>
      <Why store={store} />
      <div className="bar thin">
        <i style={{ width: `${(100 * store.sending) / Math.max(1, store.workers)}%` }} />
      </div>
    </li>
  );
}

/** Who holds it back, or the class of its failure in words; the system's own message stays as it came. */
function Why({ store }: { store: Store }) {
  const { t, language } = useI18n();
  const by = store.breaker_manual ? heldBy(store.breaker_reason) : null;
  if (by) return <p className="small dim why">{by.note ? t("store.held.noted", { ...by }) : t("store.held", { who: by.who })}</p>;
  const [found, message] = classed(store.breaker_reason);
  const errorClass = found || store.reason?.params["error_class"] || "";
  const raw = message || store.reason?.params["why"] || "";
  return (
    <>
      {errorClass && <p className="small dim">{wordOf(language, "class", errorClass)}</p>}
      {raw && (
        <p className="mono dim why" title={raw}>
          {raw}
        </p>
      )}
    </>
  );
}
