import { type Input, SEE_INPUTS, useInputs } from "../../../api/inputs";
import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { Card } from "../../../ui/Card";
import { Copy } from "../../../ui/Copy";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { AlertParts } from "../AlertParts";
import { STANDING_TONE, standingOf } from "./standing";

/** Ways by which events of other systems come in: where each takes them, and whether it does. */
export function InputsPage() {
  const { t } = useI18n();
  const query = useInputs();
  return (
    <AlertParts title={t("alerts.part.inputs")} needs={SEE_INPUTS}>
      <Card title={t("input.title")} sub={query.data && <Say inputs={query.data.items} />}>
        <QueryState query={query} rows={6} pace="detail">
          {({ items, since }) => (
            <>
              <ul className="channel-list">{items.map((input) => <One key={input.name} input={input} />)}</ul>
              <p className="pad dim small">
                {t("input.since")} <TimeText at={since} relative />
              </p>
            </>
          )}
        </QueryState>
      </Card>
    </AlertParts>
  );
}

function Say({ inputs }: { inputs: readonly Input[] }) {
  const { t } = useI18n();
  const named = (wanted: "crashed" | "refusing"): string => inputs.filter((one) => standingOf(one) === wanted).map(({ name }) => name).join(t("alert.join"));
  const [crashed, refusing] = [named("crashed"), named("refusing")];
  if (crashed) return <Status tone="crit">{t("input.say.crashed", { names: crashed })}</Status>;
  if (refusing) return <Status tone="warn">{t("input.say.refusing", { names: refusing })}</Status>;
  return t("input.say.ok", { count: inputs.filter(({ state }) => state === "on").length });
}

function One({ input }: { input: Input }) {
  const { t, language } = useI18n();
  const standing = standingOf(input);
  const isPath = input.address.startsWith("/");
  const count = (amount: number): string => formatCount(amount, language);
  const left = [
    ["input.refused", input.refused], ["input.dropped", input.dropped], ["input.denied", input.denied],
  ] as const;
  return (
    <li className={standing === "crashed" ? "bad" : ""}>
      <div className="channel-head">
        <Status tone={STANDING_TONE[standing]}>{t(`input.standing.${standing}`)}</Status>
        <strong>{input.name}</strong>
        {input.name !== input.kind && <span className="tag">{t(`input.kind.${input.kind}`)}</span>}
        {input.address !== "" && (
          <span className="input-address">
            <span className="mono">{isPath ? `POST ${input.address}` : input.address}</span>
            <Copy text={isPath ? new URL(input.address, location.origin).href : input.address} what={input.address} />
          </span>
        )}
      </div>
      {input.state === "off" ? (
        <p className="dim small">{t("input.off")}</p>
      ) : (
        <dl className="channel-facts">
          <div>
            <dt>{t("input.taken")}</dt>
            <dd>
              <strong>{count(input.taken)}</strong>
              {input.duplicates > 0 && <span className="dim">{t("input.duplicates", { count: input.duplicates })}</span>}
            </dd>
          </div>
          <div>
            <dt>{t("input.left")}</dt>
            <dd>
              {left.every(([, amount]) => amount === 0) && <span className="dim">{t("input.left.none")}</span>}
              {left.map(([key, amount]) => amount > 0 && <span key={key} className="nowrap">{t(key, { count: amount })}</span>)}
            </dd>
          </div>
          <div>
            <dt>{t("input.last")}</dt>
            <dd>{input.last_event_at ? <TimeText at={input.last_event_at} relative /> : <span className="dim">{t("input.last.none")}</span>}</dd>
          </div>
          <div>
            <dt>{t("input.guard")}</dt>
            <dd>{t(`input.guard.${input.guard}`)}</dd>
          </div>
          {input.connections !== null && (
            <div>
              <dt>{t("input.holds")}</dt>
              <dd>{t("input.holds.say", { connections: input.connections, waiting: input.waiting ?? 0 })}</dd>
            </div>
          )}
        </dl>
      )}
      {input.last_error_at !== null && (
        <p className={`channel-error ${standing === "ok" ? "past" : standing === "refusing" ? "warn" : ""}`}>
          <span>{t("input.error")} <TimeText at={input.last_error_at} relative /></span>
          <span className="mono">{input.last_error}</span>
        </p>
      )}
    </li>
  );
}
