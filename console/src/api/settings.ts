import { useQuery } from "@tanstack/react-query";
import type { Order } from "../ui/action/types";
import type { ListPage } from "../ui/table/useList";
import { client, unwrap } from "./client";
import { effectOf, orderHeaders, type ServerEffect } from "./effect";
import type { components } from "./schema";

export type User = components["schemas"]["UserView"];
export type Role = User["role"];
export type Token = components["schemas"]["TokenView"];
export type Session = components["schemas"]["SessionView"];

export const ROLES: readonly Role[] = ["viewer", "operator", "approver", "admin"];

const PAGE = 100;
const query = (cursor: string | null): { limit: number; cursor?: string } => ({ limit: PAGE, ...(cursor === null ? {} : { cursor }) });

export interface UserFilter {
  text: string;
  role: Role[];
  /** undefined = both. */
  disabled: boolean | undefined;
}

export async function fetchUsers(filter: UserFilter, cursor: string | null, signal: AbortSignal): Promise<ListPage<User>> {
  const { disabled, ...wanted } = filter;
  const asked = { ...query(cursor), ...wanted, ...(disabled === undefined ? {} : { disabled }) };
  const page = await unwrap(client.GET("/api/v1/users", { params: { query: asked }, signal }));
  return { items: page.items, next: page.next_cursor, total: page.total };
}

export const createUser = (body: components["schemas"]["UserOrder"]): Promise<User> =>
  unwrap(client.POST("/api/v1/users", { body }));

type UserChange = components["schemas"]["UserChange"];

export const changeUser = (id: string, body: UserChange, order?: Order): Promise<User> =>
  unwrap(
    client.POST("/api/v1/users/{user_id}", {
      params: { path: { user_id: id }, ...(order ? { header: orderHeaders(order) } : {}) },
      body,
    }),
  );

/** What `changeUser` would do. */
export const rehearseUser = (id: string, body: UserChange, signal: AbortSignal): Promise<ServerEffect> =>
  effectOf(
    unwrap(client.POST("/api/v1/users/{user_id}", { params: { path: { user_id: id }, query: { dry_run: true } }, body, signal })),
  );

/** Which role may do what. */
export const useRoles = () =>
  useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/roles", { signal })).then(({ items }) => items),
    staleTime: Number.POSITIVE_INFINITY,
  });

export type TokenState = components["schemas"]["TokenState"];
export const TOKEN_STATES: readonly TokenState[] = ["active", "expired", "revoked"];

export interface TokenFilter {
  everybody: boolean;
  text: string;
  role: Role[];
  state: TokenState[];
}

export async function fetchTokens(filter: TokenFilter, cursor: string | null, signal: AbortSignal): Promise<ListPage<Token>> {
  const page = await unwrap(client.GET("/api/v1/tokens", { params: { query: { ...query(cursor), ...filter } }, signal }));
  return { items: page.items, next: page.next_cursor, total: page.total };
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

/** End all of one's own sessions but this one. */
export const endOtherSessions = (): Promise<unknown> => unwrap<unknown>(client.POST("/api/v1/me/sessions:end-others"));

export const changePassword = (body: components["schemas"]["PasswordChange"]): Promise<void> =>
  unwrap<void>(client.POST("/api/v1/me/password", { body }));
