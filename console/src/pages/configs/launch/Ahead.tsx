import { useMemo } from "react";
import type { Prospect, Seat } from "../../../api/configs";
import { router } from "../../../app/router";
import { useI18n } from "../../../i18n/context";
import type { Agent } from "../../../ui/rollout/cells";
import { Waves } from "../../../ui/rollout/Waves";
import { Status } from "../../../ui/Status";
import { SEAT_TONE } from "../words";

const hrefOf = (id: string): string => router.buildLocation({ to: `/agents/${id}` } as never).href;

/** Why somebody does not get it with its wave. */
const LEFT_OUT = ["absent", "refused", "busy"] as const;

/** What the rollout would do as the fleet is now: the agents of each wave, those left out and why. */
export function Ahead({ prospect: { impact, seats, rollout } }: { prospect: Prospect }) {
  const { t } = useI18n();
  const waves = useMemo(() => {
    const agents = rollout.waves.map((): Agent[] => []);
    for (const seat of seats) {
      if (seat.state === "pending") agents[seat.wave]?.push(agentOf(seat, t(`seat.${seat.state}`)));
    }
    return agents.map((some, place) => ({
      title: t("rollout.wave", { number: place + 1, count: some.length }),
      sub: namesOf(some),
      tone: "mute" as const,
      word: t("rollout.wave.state.next"),
      agents: some,
      current: false,
    }));
  }, [rollout, seats, t]);
  const out = LEFT_OUT.map((state) => ({ state, agents: seats.filter((seat) => seat.state === state) })).filter(({ agents }) => agents.length);
  return (
    <>
      <p className="pad">
        {impact.affected
          ? t("launch.preview.count", { affected: impact.affected, reachable: impact.reachable })
          : t("launch.preview.nobody")}
        {impact.local > 0 && <span className="dim"> · {t("launch.local", { count: impact.local })}</span>}
      </p>
      <Waves label={t("launch.waves")} waves={waves} hrefOf={hrefOf} />
      {impact.faults.map(({ fault, agents, first }) => (
        <p key={`${fault.pointer} ${fault.code}`} className="pad">
          <Status tone="crit">{t("launch.faults", { count: agents, message: fault.message })}</Status>
          <span className="mono dim"> {first.map((id) => seats.find((seat) => seat.agent_id === id)?.hostname || id).join(" · ")}</span>
        </p>
      ))}
      {out.length > 0 && (
        <div className="left-out">
          <strong>{t("launch.excluded")}</strong>
          {out.map(({ state, agents }) => (
            <div key={state}>
              <Status tone={SEAT_TONE[state]}>{t("launch.excluded.count", { word: t(`seat.${state}`), count: agents.length })}</Status>
              <span className="mono dim">{namesOf(agents.map((seat) => agentOf(seat, "")))}</span>
            </div>
          ))}
        </div>
      )}
    </>
  );
}

const agentOf = (seat: Seat, word: string): Agent => ({ id: seat.agent_id, name: seat.hostname || seat.agent_id, tone: SEAT_TONE[seat.state], word });

const NAMED = 6;
const namesOf = (agents: readonly Agent[]): string =>
  agents.slice(0, NAMED).map(({ name }) => name).join(" · ") + (agents.length > NAMED ? ` +${agents.length - NAMED}` : "");
