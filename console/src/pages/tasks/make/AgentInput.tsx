import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useMay } from "../../../api/account";
import { fetchAgents } from "../../../api/agents";
import { useLater } from "../../../ui/useLater";

const QUIET_MS = 250;

interface Props {
  id: string;
  value: string;
  set: (agent: string) => void;
  disabled?: boolean;
  placeholder?: string;
}

/** An agent by its id, found by a part of its name. */
export function AgentInput({ id, value, set, disabled = false, placeholder }: Props) {
  const list = useId();
  const may = useMay()("fleet:read");
  const text = useLater(value, QUIET_MS);
  const found = useQuery({
    queryKey: ["agents", "find", text],
    queryFn: ({ signal }) => fetchAgents(text && !text.startsWith("agt") && !text.startsWith("$") ? { text } : {}, "hostname", null, signal),
    placeholderData: (old) => old,
    retry: false,
    enabled: may && !disabled,
  }).data;
  return (
    <>
      <input id={id} className="input mono" type="text" list={list} autoComplete="off" spellCheck={false} disabled={disabled} placeholder={placeholder} value={value} onChange={(event) => set(event.target.value.trim())} />
      <datalist id={list}>
        {(found?.items ?? []).map((agent) => <option key={agent.agent_id} value={agent.agent_id}>{agent.hostname}</option>)}
      </datalist>
    </>
  );
}
