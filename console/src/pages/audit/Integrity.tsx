import { AUDIT_KEY, beginCheck, type Check, useAuditCheck } from "../../api/audit";
import { useI18n } from "../../i18n/context";
import { formatClock, formatCount } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { queryClient } from "../../live/client";
import { serverNow } from "../../live/now";
import { QueryState } from "../../ui/QueryState";
import { Status } from "../../ui/Status";
import { Toast } from "../../ui/toast";

/** Whether the record holds, by the last check; and another one. */
export function Integrity() {
  const { t } = useI18n();
  const check = useAuditCheck(true);
  const begin = (): void => {
    beginCheck().then(
      (now) => queryClient.setQueryData([AUDIT_KEY, "check"], now),
      (error: unknown) => Toast.failed(error),
    );
  };
  return (
    <div className="integrity">
      <QueryState query={check} rows={1}>
        {(data) => <Verdict check={data} />}
      </QueryState>
      <button type="button" className="button small" disabled={check.data?.state === "running"} onClick={begin}>
        {t("audit.check.run")}
      </button>
    </div>
  );
}

function Verdict({ check }: { check: Check | null }) {
  const { t, language } = useI18n();
  if (!check) return <Status tone="mute">{t("audit.check.never")}</Status>;
  const at = check.ended_at && t("audit.check.at", { at: formatClock(check.ended_at, serverNow()), count: formatCount(check.rows_done, language) });
  switch (check.state) {
    case "running":
      return <Status tone="run">{t("audit.check.running", { done: check.rows_done, total: check.rows_total })}</Status>;
    case "sound":
      return (
        <span>
          <Status tone="ok">{t("audit.check.sound")}</Status> <span className="dim">{at}</span>
        </span>
      );
    case "broken":
      return (
        <span>
          <Status tone="crit">{t("audit.check.broken", { seq: check.fault?.seq ?? 0 })}</Status>{" "}
          <span>{wordOf(language, "audit.fault", check.fault?.kind ?? "")}</span> <span className="dim">{at}</span>
        </span>
      );
    case "failed":
      return (
        <span>
          <Status tone="warn">{t("audit.check.failed")}</Status> <span className="dim">{check.problem}</span>
        </span>
      );
  }
}
