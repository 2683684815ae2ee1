import { useQuery } from "@tanstack/react-query";
import type { ListPage } from "../ui/table/useList";
import { client, unwrap } from "./client";
import type { components } from "./schema";

export type User = components["schemas"]["UserView"];
export type Role = User["role"];
export type Token = components["schemas"]["TokenView"];
export type Session = components["schemas"]["SessionView"];

export const ROLES: readonly Role[] = ["viewer", "operator", "approver", "admin"];

const PAGE = 100;
const query = (cursor: string | null): { limit: number; cursor?: string } => ({ limit: PAGE, ...(cursor === null ? {} : { cursor }) });

export async function fetchUsers(cursor: string | null, signal: AbortSignal): Promise<ListPage<User>> {
  const page = await unwrap(client.GET("/api/v1/users", { params: { query: query(cursor) }, signal }));
  return { items: page.items, next: page.next_cursor };
}

export const createUser = (body: components["schemas"]["UserOrder"]): Promise<User> =>
  unwrap(client.POST("/api/v1/users", { body }));

export const changeUser = (id: string, body: components["schemas"]["UserChange"]): Promise<User> =>
  unwrap(client.POST("/api/v1/users/{user_id}", { params: { path: { user_id: id } }, body }));

export async function fetchTokens(everybody: boolean, cursor: string | null, signal: AbortSignal): Promise<ListPage<Token>> {
  const page = await unwrap(
    client.GET("/api/v1/tokens", { params: { query: { ...query(cursor), everybody } }, signal }),
  );
  return { items: page.items, next: page.next_cursor };
}

export const createToken = (
  body: components["schemas"]["TokenOrder"],
): Promise<components["schemas"]["NewTokenView"]> => unwrap(client.POST("/api/v1/tokens", { body }));

export const revokeToken = (id: string): Promise<Token> =>
  unwrap(client.POST("/api/v1/tokens/{token_id}:revoke", { params: { path: { token_id: id } } }));

export const useSessions = (enabled: boolean) =>
  useQuery({
    queryKey: ["account", "sessions"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/me/sessions", { signal })).then((page) => page.items),
    enabled,
  });

export const endSession = (id: string): Promise<void> =>
  unwrap<void>(client.POST("/api/v1/me/sessions/{session_id}:end", { params: { path: { session_id: id } } }));

export const changePassword = (body: components["schemas"]["PasswordChange"]): Promise<void> =>
  unwrap<void>(client.POST("/api/v1/me/password", { body }));
