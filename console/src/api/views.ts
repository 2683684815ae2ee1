import { useQuery } from "@tanstack/react-query";
import { useMay } from "./account";
import { client, unwrap } from "./client";
import type { components } from "./schema";

export type SavedView = components["schemas"]["SavedView"];
export type ViewWish = components["schemas"]["ViewWish"];
export type ListName = SavedView["list_name"];

/** Lists whose views the server keeps. */
export const LISTS: readonly ListName[] = [
  "agents", "groups", "files", "dead-letters", "events", "file-events", "config-versions", "rollouts", "rules", "audit", "users", "tokens",
];

export const listNamed = (name: string): ListName | undefined => LISTS.find((one) => one === name);

/** One's own views of a list and those that others share; [] where nobody is logged in. */
export function useViews(list: ListName | undefined): readonly SavedView[] {
  const may = useMay();
  const asked = useQuery({
    queryKey: ["views", list],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/views", { params: { query: { list: list ?? null } }, signal })),
    enabled: list !== undefined && may("account:self"),
    staleTime: 60_000,
  });
  return asked.data?.items ?? [];
}

const at = (id: string): { params: { path: { view_id: string } } } => ({ params: { path: { view_id: id } } });

export const putView = (id: string, body: ViewWish): Promise<SavedView> =>
  unwrap(client.PUT("/api/v1/views/{view_id}", { ...at(id), body }));

export const chooseView = (id: string, isDefault: boolean): Promise<SavedView> =>
  unwrap(client.POST("/api/v1/views/{view_id}:default", { ...at(id), body: { is_default: isDefault } }));

export const deleteView = (id: string): Promise<void> => unwrap<void>(client.DELETE("/api/v1/views/{view_id}", at(id)));
