import { useMay } from "../../../api/account";

/** What the reader may do with agents and groups. */
export function useAllowed(): { operate: boolean; revoke: boolean; enrol: boolean; groups: boolean } {
  const may = useMay();
  return { operate: may("fleet:operate"), revoke: may("fleet:revoke"), enrol: may("fleet:enrol"), groups: may("groups:write") };
}
