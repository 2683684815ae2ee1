import { createContext, useContext } from "react";
import type { Document, DocumentFault, Json } from "../../../api/configs";
import type { RuleCheck } from "../../../api/rules";
import type { Edited } from "../../../ui/edit/useDocument";

/** What the parts of the form share. */

export type RuleDraft = Edited<RuleCheck>;

export const FIELD_LIST = "rule-fields";
export const FLOW_LIST = "rule-flows";
export const ZONE_LIST = "rule-zones";

export const DraftContext = createContext<RuleDraft | null>(null);

export function useDraft(): RuleDraft {
  const draft = useContext(DraftContext);
  if (!draft) throw new Error("a part of the form stands outside of it");
  return draft;
}

/** One key of the rule. */
export function useKey(key: string): { value: Json | undefined; set: (value: Json | undefined) => void } {
  const { document, setDocument } = useDraft();
  return {
    value: document?.[key],
    set: (value) => {
      const { [key]: _, ...rest } = document ?? ({} as Document);
      setDocument(value === undefined ? rest : { ...(document ?? {}), [key]: value });
    },
  };
}

/** Everything that is wrong with a rule, the actions' own words included. */
export const faultsOf = (check: RuleCheck | undefined): DocumentFault[] => (check ? [...check.faults, ...check.action_faults] : []);

/** What is wrong with another document than a rule in which a condition is edited. */
export const FaultsContext = createContext<readonly DocumentFault[] | null>(null);

/** What is wrong at a place, or below it; of a group only what concerns itself. */
export function useFaultsAt(pointer: string, own = false): DocumentFault[] {
  const elsewhere = useContext(FaultsContext);
  const draft = useContext(DraftContext);
  return (elsewhere ?? faultsOf(draft?.check)).filter((fault) => fault.pointer === pointer || (own ? /^\/(all|any|not)$/.test(fault.pointer.slice(pointer.length)) && fault.pointer.startsWith(pointer) : fault.pointer.startsWith(`${pointer}/`)));
}
