import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Finding, FleetVerdict } from "../../../api/fleet";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { Card } from "../../../ui/Card";
import { Empty, Loading } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { findingText, LEVEL_TONE, targetOf, whoText } from "./words";

const SHOWN = 8;

/** All that is wrong, the worst first. */
export function Todo({ verdict, failed }: { verdict: FleetVerdict | undefined; failed: boolean }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [at, setAt] = useState<number | null>(null);
  const todo = verdict?.todo.slice(0, SHOWN) ?? [];
  const open = (finding: Finding | undefined): void => {
    const link = finding?.links[0];
    if (!link) return;
    const { to, search } = targetOf(link);
    void navigate({ to, search: search as never });
  };
  useKeys([
    { key: "j", label: "fleet.key.next", run: () => setAt((old) => Math.min(todo.length - 1, (old ?? -1) + 1)) },
    { key: "k", label: "fleet.key.previous", run: () => setAt((old) => Math.max(0, (old ?? 1) - 1)) },
    { key: "Enter", run: () => at !== null && open(todo[at]) },
  ]);
  return (
    <Card title={t("fleet.todo")} sub={verdict && t("fleet.todo.sub", { count: verdict.todo.length })}>
      {!verdict && (failed ? <p className="pad dim">{t("fleet.todo.unknown")}</p> : <Loading rows={4} />)}
      {verdict && todo.length === 0 && <Empty title={t("fleet.todo.none")}>{t("fleet.todo.none.sub")}</Empty>}
      <ul className="todo">
        {todo.map((finding, index) => (
          <Item key={`${finding.code} ${index}`} finding={finding} active={index === at} />
        ))}
      </ul>
    </Card>
  );
}

function Item({ finding, active }: { finding: Finding; active: boolean }) {
  const i18n = useI18n();
  const { t } = i18n;
  const [link] = finding.links;
  const target = link && targetOf(link);
  const text = findingText(finding, i18n);
  return (
    <li className={active ? "active" : ""}>
      <Status tone={LEVEL_TONE[finding.level]} bare>
        {t(`level.${finding.level}`)}
      </Status>
      {target ? (
        <Link to={target.to} search={target.search as never} className="what" title={text}>
          {text}
        </Link>
      ) : (
        <span className="what">{text}</span>
      )}
      <span className="dim small nowrap">{finding.duration_s !== null && formatDuration(finding.duration_s, t)}</span>
      <span className="dim small el names">{whoText(finding, i18n)}</span>
    </li>
  );
}
