import { useQuery } from "@tanstack/react-query";
import type { Document } from "../../api/configs";
import { checkRule, type RuleCheck, RULES_KEY } from "../../api/rules";
import { useMay } from "../../api/account";

/** What the server says of a version of a rule; undefined while it is not known, or may not be asked. */
export function useCheck(id: string | undefined, rule: unknown): RuleCheck | undefined {
  const may = useMay();
  return useQuery({
    queryKey: [RULES_KEY, "check", id, rule],
    queryFn: ({ signal }) => checkRule(rule as Document, id, signal),
    enabled: may("rules:write"),
    staleTime: 30_000,
  }).data;
}
