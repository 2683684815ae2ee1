import { useState } from "react";
import { type DocItem, useDocs } from "../../../api/alertdocs";
import { HANDLE, WRITE } from "../../../api/alerts";
import { type OnCall, useOnCall } from "../../../api/oncall";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { Icon } from "../../../ui/Icon";
import { QueryState } from "../../../ui/QueryState";
import { Empty } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";
import { AlertParts } from "../AlertParts";
import { Chains } from "./Chains";
import { Override, Overrides } from "./Override";
import { ScheduleEditor } from "./ScheduleEditor";
import { ShiftLane } from "./ShiftLane";
import "../../../styles/rules.css";

/** Who is on call now and in the next days, and who is told next when nobody takes an alert. */
export function OnCallPage() {
  const { t } = useI18n();
  return (
    <AlertParts title={t("alerts.part.oncall")}>
      <Schedules />
      <Chains />
    </AlertParts>
  );
}

function Schedules() {
  const { t } = useI18n();
  const query = useOnCall();
  const docs = useDocs("schedule").data?.items ?? [];
  const why = useMayWhy()(WRITE);
  const [making, setMaking] = useState(false);
  const add = (
    <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setMaking(true)}>
      <Icon name="plus" size={13} />
      {t("schedule.new")}
    </button>
  );
  const drafts = docs.filter(({ published_version: version }) => version === null);
  return (
    <Card title={t("schedule.title")} sub={t("schedule.sub")} tools={add}>
      <QueryState query={query} rows={4} pace="list">
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon="user" title={t("schedule.empty")}>{t("schedule.empty.sub")}</Empty>
          ) : (
            <ul className="oncall-list">
              {page.items.map((one) => (
                <One key={one.schedule_id} one={one} doc={docs.find(({ id }) => id === one.schedule_id)} since={page.since} until={page.until} />
              ))}
            </ul>
          )
        }
      </QueryState>
      {drafts.length > 0 && <p className="pad dim small">{t("schedule.drafts", { names: drafts.map(({ name }) => name).join(t("alert.join")) })}</p>}
      {making && <ScheduleEditor doc={undefined} close={() => setMaking(false)} />}
    </Card>
  );
}

interface OneProps {
  one: OnCall;
  doc: DocItem | undefined;
  since: string;
  until: string;
}

function One({ one, doc, since, until }: OneProps) {
  const { t } = useI18n();
  const mayWhy = useMayWhy();
  const [writing, acting] = [mayWhy(WRITE), mayWhy(HANDLE)];
  const [open, setOpen] = useState<"edit" | "override" | null>(null);
  const next = one.shifts.find((shift) => one.shift !== null && Date.parse(shift.begins_at) >= Date.parse(one.shift.ends_at) && shift.person !== null);
  return (
    <li>
      <div className="oncall-head">
        <div className="oncall-who">
          <span className="dim">{one.name}</span>
          {one.now ? <strong>{one.now.name}</strong> : <Status tone="mute">{t("schedule.nobody")}</Status>}
          {one.shift?.by_override && one.shift.turn && <span className="tag hold">{t("schedule.instead", { name: one.shift.turn })}</span>}
        </div>
        <p className="oncall-next dim">
          {one.shift && <span>{t("schedule.until")} <TimeText at={one.shift.ends_at} /></span>}
          {next?.person && <span>{t("schedule.then", { name: next.person })}</span>}
          {one.now && <span>{t("schedule.by", { channel: one.now.channel })}</span>}
        </p>
        <span className="row">
          <button type="button" className="button small" disabled={acting !== undefined} title={acting} onClick={() => setOpen("override")}>{t("schedule.override")}</button>
          <button type="button" className="button small" disabled={writing !== undefined || !doc} title={writing} onClick={() => setOpen("edit")}>{t("rule.edit")}</button>
        </span>
      </div>
      <ShiftLane name={one.name} shifts={one.shifts} since={since} until={until} zone={one.zone} />
      {doc && <Overrides doc={doc} />}
      {open === "edit" && doc && <ScheduleEditor doc={doc} close={() => setOpen(null)} />}
      {open === "override" && <Override one={one} doc={doc} close={() => setOpen(null)} />}
    </li>
  );
}
