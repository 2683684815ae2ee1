import { useMay } from "../../api/account";
import { useI18n } from "../../i18n/context";
import { Parts } from "../../ui/Parts";

const PARTS = [["/tasks", "work.part.tasks", "tasks:read"], ["/runs", "work.part.runs", "flows:read"], ["/flows", "work.part.flows", "flows:read"], ["/dlq", "work.part.dlq", "tasks:read"]] as const;

/** Single tasks, runs of flows, the flows themselves, what failed for good: one page each. */
export function WorkParts() {
  const { t } = useI18n();
  const may = useMay();
  return (
    <Parts
      label={t("work.parts")}
      preload="render"
      parts={PARTS.filter(([, , needs]) => may(needs)).map(([to, key]) => ({ to, name: t(key) }))}
    />
  );
}
