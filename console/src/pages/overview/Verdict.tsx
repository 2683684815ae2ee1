import type { Overview } from "../../api/client";
import { HEALTH_TONE } from "../../ui/tones";
import { type I18n, useI18n } from "../../i18n/context";
import { formatBytes, formatDuration } from "../../i18n/format";
import { ofStores } from "../../i18n/reasons";
import { reasonText } from "../../i18n/translate";
import { Status } from "../../ui/Status";
import { hourOf } from "./hour";
import { concerned, pendingOf, rank } from "./judge";

/** One sentence that follows from state and reasons alone, and its effect. */
export function Verdict({ now }: { now: Overview }) {
  const i18n = useI18n();
  const { t } = i18n;
  return (
    <section className={`card verdict ${now.state}`} aria-label={t("verdict.label")}>
      <Status tone={HEALTH_TONE[now.state]} size={now.state === "ok" ? 18 : 26} bare>
        {t(`health.${now.state}`)}
      </Status>
      <div>
        <p className="l1">{headline(now, i18n)}</p>
        <p className="l2">{effect(now, i18n)}</p>
      </div>
    </section>
  );
}

function headline(now: Overview, { t, language }: I18n): string {
  if (now.state !== "ok") {
    const worst = rank(now)[0];
    const named = worst ? reasonText(language, worst) : t("verdict.unnamed");
    const counted = worst !== undefined && ofStores.has(worst.code) && now.stores.length > 1;
    const places = { bad: concerned(now.stores).length, total: now.stores.length };
    const reason = counted ? t("verdict.stores", { reason: named, ...places }) : named;
    return t(now.state === "failing" ? "verdict.failing" : "verdict.degraded", { reason });
  }
  const { files, failed } = hourOf(now);
  if (!now.queue.done_total) return t("verdict.ok.idle");
  return failed ? t("verdict.ok", { files }) : t("verdict.ok.flawless", { files });
}

function effect(now: Overview, { t }: I18n): string {
  const { failed } = hourOf(now);
  if (now.state === "ok") return failed ? t("verdict.ok.failures", { failed }) : "";
  const pending = pendingOf(now.queue);
  const values = {
    pending,
    bytes: formatBytes(now.queue.pending_bytes),
    oldest: formatDuration(now.queue.oldest_wait_s ?? 0, t),
  };
  const failing = now.state === "failing";
  const waiting = pending ? t("verdict.effect.waiting", values) : t("verdict.effect.none");
  const rest = failing ? t("verdict.effect.safe") : receiving(now, t);
  const more = now.reasons.length - 1;
  return waiting + rest + (more > 0 ? t("verdict.more", { count: more }) : "");
}

/** How many destinations still take files: all, some of how many, or none. */
function receiving({ stores }: Overview, t: I18n["t"]): string {
  const well = stores.length - concerned(stores).length;
  if (well === stores.length) return t("verdict.receiving.all");
  return well ? t("verdict.receiving.some", { well, total: stores.length }) : t("verdict.receiving.none");
}
