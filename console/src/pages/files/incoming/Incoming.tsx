import { type RefObject, useEffect, useRef, useState } from "react";
import { useMe } from "../../../api/account";
import type { AgentChoice } from "../../../api/files";
import { type Taking, useTaking } from "../../../api/incoming";
import type { Translate } from "../../../i18n/translate";
import { useI18n } from "../../../i18n/context";
import { formatBytes } from "../../../i18n/format";
import { Icon } from "../../../ui/Icon";
import { useMayWhy } from "../../../ui/useMayWhy";
import { useAgentName } from "../AgentPicker";
import { AskIncoming } from "./AskIncoming";
import { type Dropped, useDrop } from "./drop";
import { JobList } from "./JobList";
import { useJobs } from "./queue";

import "../../../styles/plain.css";
import "../../../styles/incoming.css";

interface Props {
  agent: AgentChoice | undefined;
  /** The directory that is shown; "" = none of them. */
  directory: string;
  /** Opens the choice of files; for a key of the page. */
  input: RefObject<HTMLInputElement | null>;
  changed: () => Promise<void>;
}

/** Put files into the directory that is shown: dropped or chosen, asked once more, then a queue with a way to cancel. */
export function Incoming({ agent, directory, input, changed }: Props) {
  const { t } = useI18n();
  const me = useMe();
  const why = useMayWhy()("files:put");
  const host = useAgentName(agent);
  const mayAsk = agent !== undefined && (why === undefined || me.data === null);
  const taking = useTaking(mayAsk ? agent.id : undefined, directory);
  const denied = me.data === null ? undefined : why;
  const closed = denied ?? (directory === "" ? t("incoming.nodir") : taking.data && closedBy(taking.data, t));
  const open = closed === undefined && taking.data !== undefined;
  const [wished, setWished] = useState<Dropped | null>(null);
  const over = useDrop(open ? setWished : undefined);
  useArrivals(agent?.id, changed);
  return (
    <section className="incoming" aria-label={t("incoming.title")}>
      <h3>{t("incoming.title")}</h3>
      <div className={over ? "incoming-box over" : "incoming-box"}>
        {closed !== undefined ? (
          <p className="dim">{closed}</p>
        ) : (
          <>
            <Icon name="upload" size={16} />
            <p>
              {t("incoming.drop")}{" "}
              <button type="button" className="link" disabled={!open} onClick={() => input.current?.click()}>
                {t("incoming.choose")}
              </button>
            </p>
            {taking.data?.rule && <p className="dim">{t("incoming.limit", { size: formatBytes(taking.data.rule.max_bytes) })}</p>}
          </>
        )}
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={t("incoming.choose")}
          disabled={!open}
          onChange={({ target }) => {
            const files = [...(target.files ?? [])];
            target.value = ""; // the same file may be chosen again
            if (files.length) setWished({ files, directories: 0 });
          }}
        />
      </div>
      <JobList />
      {wished && taking.data?.rule && agent && (
        <AskIncoming
          wished={wished}
          agent={agent.id}
          host={host}
          directory={directory}
          auto={taking.data.auto}
          maxBytes={taking.data.rule.max_bytes}
          close={() => setWished(null)}
        />
      )}
    </section>
  );
}

function closedBy({ rule }: Taking, t: Translate): string | undefined {
  if (rule === null) return t("incoming.old");
  return rule.state === "open" ? undefined : t(`incoming.${rule.state}`);
}

/** The lists hear of each file that got its place. */
function useArrivals(agent: string | undefined, changed: () => Promise<void>): void {
  const jobs = useJobs();
  const here = jobs.filter((job) => job.agent === agent && job.state === "done").length;
  const seen = useRef(here);
  const latest = useRef(changed);
  latest.current = changed;
  useEffect(() => {
    if (here > seen.current) void latest.current();
    seen.current = here;
  }, [here]);
}
