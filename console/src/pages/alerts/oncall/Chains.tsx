import { useState } from "react";
import { type DocItem, useDocs } from "../../../api/alertdocs";
import { WRITE } from "../../../api/alerts";
import type { Json } from "../../../api/configs";
import { type ChainReceivers, useChainReceivers } from "../../../api/oncall";
import { type I18n, useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { isBlock } from "../../../ui/edit/places";
import { Icon } from "../../../ui/Icon";
import { QueryState } from "../../../ui/QueryState";
import { Empty } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { useMayWhy } from "../../../ui/useMayWhy";
import { type Act, DocDialog } from "../docs/Acts";
import { lengthText } from "../words";
import { ChainEditor } from "./ChainEditor";

/** Who is told, and who next if nobody takes it. */
export function Chains() {
  const { t } = useI18n();
  const query = useDocs("chain");
  const why = useMayWhy()(WRITE);
  const [making, setMaking] = useState(false);
  const add = (
    <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setMaking(true)}>
      <Icon name="plus" size={13} />
      {t("chain.new")}
    </button>
  );
  return (
    <Card title={t("chain.title")} sub={t("chain.sub")} tools={add}>
      <QueryState query={query} rows={3} pace="list">
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="branch" title={t("chain.empty")}>{t("chain.empty.sub")}</Empty>
          ) : (
            <ul className="chain-list">{items.map((chain) => <One key={chain.id} chain={chain} />)}</ul>
          )
        }
      </QueryState>
      {making && <ChainEditor doc={undefined} close={() => setMaking(false)} />}
    </Card>
  );
}

function One({ chain }: { chain: DocItem }) {
  const { t } = useI18n();
  const why = useMayWhy()(WRITE);
  const [open, setOpen] = useState<"edit" | Act | null>(null);
  const inForce = chain.published_version !== null;
  const now = useChainReceivers(chain.id, inForce).data;
  return (
    <li>
      <div className="chain-head">
        <strong>{chain.name}</strong>
        {!inForce && <Status tone="mute">{t(chain.state === "retired" ? "alertrule.state.retired" : "alertrule.state.draft")}</Status>}
        {now && !now.within_hours && <span className="tag">{t("chain.off_hours")}</span>}
        {typeof chain.document["description"] === "string" && <span className="dim el">{chain.document["description"]}</span>}
        <span className="row chain-acts">
          <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setOpen("edit")}>{t("rule.edit")}</button>
          {inForce && <button type="button" className="button small ghost" disabled={why !== undefined} title={why} onClick={() => setOpen("retire")}>{t("rule.act.retire")}</button>}
        </span>
      </div>
      <Levels levels={now ? levelsNow(now) : levelsOf(chain.document["levels"])} />
      {open === "edit" && <ChainEditor doc={chain} close={() => setOpen(null)} />}
      {open !== null && open !== "edit" && <DocDialog kind="chain" doc={{ ...chain, reason: "", published: null, changes: [] }} act={open} close={() => setOpen(null)} />}
    </li>
  );
}

interface Level {
  after: string | number;
  receivers: readonly string[];
  people: readonly { of: string; person: string }[];
}

const levelsNow = ({ levels }: ChainReceivers): Level[] =>
  levels.map(({ after_s: after, receivers, recipients }) => ({ after, receivers, people: recipients.flatMap(({ of, person }) => (person ? [{ of, person }] : [])) }));

const levelsOf = (value: Json | undefined): Level[] =>
  (Array.isArray(value) ? value : []).map((one) => ({ after: isBlock(one) && (typeof one["after"] === "string" || typeof one["after"] === "number") ? one["after"] : 0, receivers: isBlock(one) && Array.isArray(one["receivers"]) ? one["receivers"].map(String) : [], people: [] }));

/** The levels as steps from left to right: when, and who that is now. */
function Levels({ levels }: { levels: readonly Level[] }) {
  const { t } = useI18n();
  if (levels.length === 0) return <p className="chain-nobody"><Status tone="warn">{t("chain.nobody")}</Status></p>;
  return (
    <ol className="chain-levels">
      {levels.map((level, at) => (
        <li key={at}>
          <span className="chain-after dim">{at === 0 ? t("chain.at_once") : t("chain.after", { time: afterText(level.after, t) })}</span>
          <span className="chain-who">
            {level.receivers.map((name) => {
              const people = level.people.filter(({ of }) => of === name).map(({ person }) => person);
              return (
                <span key={name} className="tag outline">
                  {name}
                  {people.length > 0 && <strong>{people.join(t("alert.join"))}</strong>}
                </span>
              );
            })}
          </span>
        </li>
      ))}
    </ol>
  );
}

const afterText = (after: string | number, t: I18n["t"]): string => (typeof after === "number" ? lengthText(after, t) : after);
