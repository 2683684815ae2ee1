import { useBlocker } from "@tanstack/react-router";
import { useI18n } from "../i18n/context";

interface Place {
  pathname: string;
  search: object;
}

/** What a draft begins with: another one is another draft. */
const baseOf = ({ search }: Place): unknown => ("base" in search ? search.base : undefined);

/** Asks before what was not written is lost; another view of the same draft loses nothing. */
export function useLeaving(unsaved: () => boolean): void {
  const { t } = useI18n();
  useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const stays = current.pathname === next.pathname && baseOf(current) === baseOf(next);
      return !stays && unsaved() && !window.confirm(t("edit.leave"));
    },
    enableBeforeUnload: unsaved,
  });
}
