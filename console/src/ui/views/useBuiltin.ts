import { useMemo } from "react";
import { useI18n } from "../../i18n/context";
import type { BuiltinView } from "./views";

/** Views that every reader finds, in their order. */
const IDS = ["todo", "mine", "changes"] as const;

export type BuiltinQueries = Partial<Record<(typeof IDS)[number], Record<string, string[]>>>;

/** The built-in views of a list: what needs attention, what is one's own, what changed lately, as far as it has them. */
export function useBuiltin(queries: BuiltinQueries): readonly BuiltinView[] {
  const { t } = useI18n();
  const text = JSON.stringify(queries);
  return useMemo(() => {
    const wanted = JSON.parse(text) as BuiltinQueries;
    return IDS.flatMap((id): BuiltinView[] => {
      const query = wanted[id];
      return query ? [{ id, name: t(`views.${id}`), query }] : [];
    });
  }, [text, t]);
}
