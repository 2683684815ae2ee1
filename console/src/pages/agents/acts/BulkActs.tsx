import { useState } from "react";
import { type AgentFilter, type AgentSummary, fetchAgents } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import type { Target } from "../../../ui/action/types";
import type { Selection } from "../../../ui/table/types";
import { Toast } from "../../../ui/toast";
import { type Act, AgentAct } from "./AgentAct";
import { useAllowed } from "./allowed";

const targetOf = (agent: AgentSummary): Target => ({ key: agent.agent_id, name: agent.hostname });

/** Every agent of a filter, also those that were never loaded. */
async function everyone(filter: AgentFilter): Promise<Target[]> {
  const found: Target[] = [];
  const never = new AbortController();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof fetchAgents>> = await fetchAgents(filter, "hostname", cursor, never.signal);
    found.push(...page.items.map(targetOf));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

/** What may be done with the chosen agents. */
export function BulkActs({ selection, filter }: { selection: Selection<AgentSummary>; filter: AgentFilter }) {
  const { t } = useI18n();
  const allowed = useAllowed();
  const [open, setOpen] = useState<{ act: Act; targets: readonly Target[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const begin = async (act: Act): Promise<void> => {
    setBusy(true);
    try {
      setOpen({ act, targets: selection.everything ? await everyone(filter) : selection.rows.map(targetOf) });
    } catch (error) {
      Toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
  const acts: Act[] = ["move", "labels", "drain", "undrain", ...(allowed.revoke ? (["revoke"] as const) : [])];
  return (
    <>
      {acts.map((act) => (
        <button key={act} type="button" className="button small" disabled={busy} aria-busy={busy} onClick={() => void begin(act)}>
          {t(`agents.act.${act}`)}
        </button>
      ))}
      {open && (
        <AgentAct
          act={open.act}
          targets={open.targets}
          close={() => {
            setOpen(null);
            selection.clear();
          }}
        />
      )}
    </>
  );
}
