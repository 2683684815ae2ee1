import { useRouter } from "@tanstack/react-router";
import { useMay, useMe } from "../api/account";
import { PAGE_GROUPS, type PageGroup } from "./pages";

/** The pages that exist in this build and that the reader may open. */
export function usePages(): PageGroup[] {
  const { routesByPath } = useRouter();
  const may = useMay();
  const { data: me } = useMe();
  // until it is known what runs here, all parts may
  const runs = { edge: me?.process.has_edge ?? true, centre: me === undefined || me?.process.has_centre === true };
  return PAGE_GROUPS.map(({ key, pages }) => ({
    key,
    pages: pages.filter(
      ({ path, parts, needs }) =>
        path in routesByPath && parts.some((part) => runs[part]) && (!needs.length || needs.some(may)),
    ),
  })).filter(({ pages }) => pages.length > 0);
}
