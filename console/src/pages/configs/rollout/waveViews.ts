import type { RolloutDetail, Seats } from "../../../api/configs";
import type { Translate } from "../../../i18n/translate";
import type { Agent } from "../../../ui/rollout/cells";
import type { Wave } from "../../../ui/rollout/Waves";
import type { Tone } from "../../../ui/Status";
import { byGate, SEAT_TONE } from "../words";

/** The waves of a rollout as the picture shows them. Pure. */

interface Words {
  t: Translate;
  clock: (at: string) => string;
  groupName: (id: string) => string;
}

type State = "done" | "now" | "failed" | "paused" | "back" | "next" | "never";

const TONE: Record<State, Tone> = { done: "ok", now: "run", failed: "crit", paused: "hold", back: "mute", next: "mute", never: "mute" };

/** How the wave of this place stands. */
export function waveState(rollout: RolloutDetail, place: number): State {
  const { status, wave } = rollout;
  const gate = byGate(rollout);
  if (status === "completed") return "done";
  if (place > wave) return status === "reverting" || status === "reverted" ? "never" : "next";
  if (status === "reverting" || status === "reverted") return place === wave && gate ? "failed" : "back";
  if (place < wave) return "done";
  return status === "running" ? "now" : gate ? "failed" : "paused";
}

export function waveViews(rollout: RolloutDetail, seats: Seats, words: Words): Wave[] {
  const { t, clock } = words;
  const agents = seats.waves.map((): Agent[] => []);
  for (const seat of seats.items) {
    agents[seat.wave]?.push({
      id: seat.agent_id, name: seat.hostname || seat.agent_id, tone: SEAT_TONE[seat.state], word: t(`seat.${seat.state}`),
    });
  }
  return seats.waves.map((wave, place) => {
    const state = waveState(rollout, place);
    const size = sizeOf(rollout, place, words);
    const times = wave.began_at && `${clock(wave.began_at)}${wave.ended_at ? ` → ${clock(wave.ended_at)}` : ""}`;
    const shown = agents[place] ?? [];
    return {
      title: t("rollout.wave", { number: place + 1, count: wave.agents }),
      sub: `${size} · ${times ?? t("rollout.wave.wait")}`,
      tone: TONE[state],
      word: t(`rollout.wave.state.${state}`),
      agents: shown,
      hidden: wave.agents - shown.length,
      current: place === rollout.wave && rollout.status !== "completed",
    };
  });
}

function sizeOf(rollout: RolloutDetail, place: number, { t, groupName }: Words): string {
  const wave = rollout.waves[place];
  if (wave?.percent != null) return t("rollout.wave.size.percent", { size: wave.percent });
  if (wave?.count != null) return t("rollout.wave.size.count", { size: wave.count });
  return t("rollout.wave.size.groups", { names: (wave?.groups ?? []).map(groupName).join(" · ") });
}
