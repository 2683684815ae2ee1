import { useQuery } from "@tanstack/react-query";
import { client, RequestError, unwrap } from "./client";
import type { components } from "./schema";

export type Me = components["schemas"]["Me"];
export type Permission = components["schemas"]["Permission"];

const RETRIES = 4;

/** Who asks; null where the process knows nobody, because it has no centre. */
async function fetchMe(signal: AbortSignal): Promise<Me | null> {
  try {
    return await unwrap(client.GET("/api/v1/me", { signal }));
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) return null;
    throw error;
  }
}

/** Log in; then ask who that is, with their preferences. */
export async function login(order: components["schemas"]["LoginOrder"]): Promise<Me> {
  await unwrap(client.POST("/api/v1/login", { body: order }));
  return unwrap(client.GET("/api/v1/me"));
}

export const logout = (): Promise<void> => unwrap<void>(client.POST("/api/v1/logout"));

export const useMe = () =>
  useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => fetchMe(signal),
    staleTime: 60_000,
    // a process that is busy or starts: whoever asks must not look like somebody without rights
    retry: (count, error) => count < RETRIES && !(error instanceof RequestError && error.status >= 400 && error.status < 500),
  });

/** What anybody may do who reads a process of this host. */
const READING: ReadonlySet<Permission> = new Set(["edge:read", "fleet:read", "events:read", "config:read", "rules:read", "flows:read", "alerts:read", "tasks:read"]);

/** Whether something may be done, as far as is known; what the server refuses is refused there. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useMe();
  return (permission) => (data ? data.permissions.includes(permission) : READING.has(permission));
}

export type Preferences = Me["preferences"];

/** Keep how one wants the console to be. */
export const putPreferences = (body: Preferences): Promise<Preferences> =>
  unwrap(client.PUT("/api/v1/me/preferences", { body }));
