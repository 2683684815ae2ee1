import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { FleetOverview } from "../../../api/fleet";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { Status } from "../../../ui/Status";
import { useAllowed } from "../../agents/acts/allowed";
import { Enrol } from "../../agents/acts/Enrol";

/** The first steps of a centre that knows nobody; each is ticked off by what happens. */
export function FirstRun({ overview }: { overview: FleetOverview }) {
  const { t } = useI18n();
  const allowed = useAllowed();
  const [enrolling, setEnrolling] = useState(false);
  const agents = overview.scope.agents > 0;
  const files = overview.upload.done > 0;
  return (
    <Card title={t("guide.title")} sub={t("first.sub")}>
      <ol className="guide">
        <Step done={agents} title={t("first.agent")}>
          <p className="dim">{t("first.agent.sub")}</p>
          <button type="button" className="button primary" disabled={!allowed.enrol} title={allowed.enrol ? undefined : t("agents.enrol.denied")} onClick={() => setEnrolling(true)}>
            {t("agents.enrol")}
          </button>
        </Step>
        <Step done={files} title={t("first.files")}>
          <p className="dim">{t("first.files.sub")}</p>
        </Step>
        <Step done={false} title={t("first.config")}>
          <p className="dim">{t("first.config.sub")}</p>
          <Link to={"/configs" as string} className="button">
            {t("nav.configs")}
          </Link>
        </Step>
      </ol>
      {enrolling && <Enrol close={() => setEnrolling(false)} />}
    </Card>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: ReactNode }) {
  const { t } = useI18n();
  return (
    <li>
      <Status tone={done ? "ok" : "mute"} size={16} bare>
        {t(done ? "guide.done" : "guide.todo")}
      </Status>
      <div>
        <h3>{title}</h3>
        {children}
      </div>
    </li>
  );
}
