import type { ReactNode } from "react";
import { type Permission, useMay } from "../../api/account";
import { PageHead } from "../../app/PageHead";
import { SEE } from "../../api/alerts";
import { useI18n } from "../../i18n/context";
import { Parts } from "../../ui/Parts";
import { Forbidden } from "../../ui/StateBlock";
import "../../styles/alerts.css";

const PARTS = [
  ["/alerts", "alerts.part.list"], ["/alerts/silences", "alerts.part.silences"], ["/alerts/rules", "alerts.part.rules"],
  ["/alerts/channels", "alerts.part.channels"], ["/alerts/oncall", "alerts.part.oncall"], ["/alerts/inputs", "alerts.part.inputs"],
] as const;

interface Props {
  title: string;
  needs?: Permission;
  scoped?: boolean;
  /** Stands beside the title. */
  head?: ReactNode;
  children: ReactNode;
}

/** A page about alerts: its head, the way to its neighbours, and what only those see who may. */
export function AlertParts({ title, needs = SEE, scoped = false, head, children }: Props) {
  const { t } = useI18n();
  const may = useMay()(needs);
  return (
    <div className="stack">
      <PageHead title={title} scoped={scoped}>
        {head}
      </PageHead>
      <Parts label={t("alerts.parts")} preload="intent" parts={PARTS.map(([to, key]) => ({ to, name: t(key) }))} />
      {may ? children : <section className="card"><Forbidden permission={needs} /></section>}
    </div>
  );
}
