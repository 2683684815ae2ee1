import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { DocumentFault } from "../../../api/configs";
import { checkFlow, FLOWS_KEY } from "../../../api/flows";
import { useLater } from "../../../ui/useLater";
import { type FlowDocument, idOf, type Step, stepsOf, withStep } from "./steps";

const QUIET_MS = 350;

/** What the server finds wrong with a step while its form is filled in; pointers begin at the step. */
export function useStepFaults(document: FlowDocument, old: string, step: Step): DocumentFault[] {
  const wish = useMemo(() => withStep(document, old, step), [document, old, step]);
  const later = useLater(wish, QUIET_MS);
  const { data } = useQuery({
    queryKey: [FLOWS_KEY, "check", later],
    queryFn: ({ signal }) => checkFlow(later, signal),
    placeholderData: (before) => before,
    gcTime: 60_000,
  });
  const at = `/steps/${stepsOf(later).findIndex((one) => idOf(one) === idOf(step))}`;
  return (data?.faults ?? []).filter(({ pointer }) => pointer.startsWith(`${at}/`)).map((fault) => ({ ...fault, pointer: fault.pointer.slice(at.length) }));
}
