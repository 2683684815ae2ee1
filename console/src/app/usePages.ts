import { useRouter } from "@tanstack/react-router";
import { useMay } from "../api/account";
import { PAGE_GROUPS, type PageGroup } from "./pages";

/** The pages that exist in this build and that the reader may open. */
export function usePages(): PageGroup[] {
  const { routesByPath } = useRouter();
  const may = useMay();
  return PAGE_GROUPS.map(({ key, pages }) => ({
    key,
    pages: pages.filter(({ path, needs }) => path in routesByPath && needs.some(may)),
  })).filter(({ pages }) => pages.length > 0);
}
