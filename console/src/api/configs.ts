import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import { effectOf, orderHeaders, type ServerEffect } from "./effect";
import type { components } from "./schema";

/** Layers, versions and rollouts of the fleet's configuration. */

type Schemas = components["schemas"];
export type Layer = Schemas["LayerView"];
export type VersionItem = Schemas["VersionItem"];
export type Version = Schemas["VersionView"];
export type VersionSummary = Schemas["VersionSummary"];
export type ValueChange = Schemas["ValueChange"];
export type Spread = Schemas["LayerSpreadView"];
export type SpreadPart = Schemas["SpreadView"];
export type Course = Schemas["CourseView"];
export type Rollout = Schemas["RolloutView"];
export type RolloutDetail = Schemas["RolloutDetail"];
export type RolloutWish = Schemas["RolloutWish"];
export type RolloutStatus = Rollout["status"];
export type Prospect = Schemas["RolloutProspect"];
export type Seats = Schemas["RolloutSeats"];
export type Seat = Schemas["SeatView"];
export type SeatState = Seat["state"];
export type RolloutWork = Schemas["RolloutWork"];
export type Move = Schemas["RolloutMove"];
export type Setting = Schemas["SettingView"];
export type DocumentCheck = Schemas["DocumentCheck"];
export type DocumentFault = Schemas["DocumentFault"];
export type Json = Schemas["JsonValue"];
export type Document = Record<string, Json>;

/** Every key of a query begins with one of these, so that a hint or a change can renew what belongs to it. */
export const CONFIG_KEY = "configs";
export const ROLLOUT_KEY = "rollouts";

const MOST = 1_000;

export const useLayers = (enabled = true) =>
  useQuery({
    queryKey: [CONFIG_KEY, "layers"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/config-layers", { signal })).then(({ items }) => items),
    refetchInterval: usePolling("list"),
    enabled,
  });

export const useSpread = (layer: string | undefined) =>
  useQuery({
    queryKey: [CONFIG_KEY, "spread", layer],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/config-layers/{layer_id}/spread", { params: { path: { layer_id: layer ?? "" } }, signal })),
    enabled: layer !== undefined,
    refetchInterval: usePolling("list"),
  });

export const useCourse = (layer: string, since: string, until: string | undefined) =>
  useQuery({
    queryKey: [CONFIG_KEY, "course", layer, since, until],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/config-layers/{layer_id}/course", {
          params: { path: { layer_id: layer }, query: { since, points: 160, ...(until === undefined ? {} : { until }) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("report"),
  });

export const fetchVersions = (layer: string, text: string, cursor: string | null, limit: number, signal: AbortSignal) =>
  unwrap(
    client.GET("/api/v1/config-versions", {
      params: { query: { layer, text, limit, ...(cursor === null ? {} : { cursor }) } },
      signal,
    }),
  );

/** The newest versions of a layer, to be chosen from. */
export const useVersionChoice = (layer: string) =>
  useQuery({
    queryKey: [CONFIG_KEY, "choice", layer],
    queryFn: ({ signal }) => fetchVersions(layer, "", null, MOST, signal),
    refetchInterval: usePolling("list"),
  });

export const useVersion = (layer: string, number: number | undefined) =>
  useQuery({
    queryKey: [CONFIG_KEY, "version", layer, number],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/config-layers/{layer_id}/versions/{number}", {
          params: { path: { layer_id: layer, number: number ?? 0 } },
          signal,
        }),
      ),
    enabled: number !== undefined,
    staleTime: Infinity, // versions never change
  });

export const useVersionById = (id: string | null | undefined) =>
  useQuery({
    queryKey: [CONFIG_KEY, "by-id", id],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/config-versions/{version_id}", { params: { path: { version_id: id ?? "" } }, signal })),
    enabled: Boolean(id),
    staleTime: Infinity,
  });

/** How `id` differs from `against`: what must change in that one to make it this one. */
export const useVersionDiff = (id: string | undefined, against: string | null | undefined) =>
  useQuery({
    queryKey: [CONFIG_KEY, "diff", id, against],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/config-versions/{version_id}/diff", {
          params: { path: { version_id: id ?? "" }, query: { against: against ?? "" } },
          signal,
        }),
      ),
    enabled: Boolean(id) && Boolean(against),
    staleTime: Infinity,
  });

export const useSettings = () =>
  useQuery({
    queryKey: [CONFIG_KEY, "settings"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/config-settings", { signal })),
    staleTime: Infinity,
  });

const YAML = { "Content-Type": "application/yaml" };
const asText = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

/** A document is sent as it is being edited: as YAML text or as JSON. */
const sent = (document: string | Document) => ({
  body: document as never, // the description knows no schema for a text
  bodySerializer: asText,
  headers: typeof document === "string" ? YAML : { "Content-Type": "application/json" },
});

export const checkDocument = (layer: string | undefined, document: string | Document, signal: AbortSignal): Promise<DocumentCheck> =>
  unwrap(
    client.POST("/api/v1/config-documents:check", {
      params: { query: layer === undefined ? {} : { layer } },
      ...sent(document),
      signal,
    }),
  );

interface Draft {
  layer: string;
  document: string | Document;
  /** The version it was made from; another newest one is refused. */
  parent: string | undefined;
}

export function writeVersion({ layer, document, parent }: Draft, order: Order): Promise<Schemas["VersionOutcome"]> {
  const { headers, ...body } = sent(document);
  return unwrap(
    client.POST("/api/v1/config-layers/{layer_id}/versions", {
      params: { path: { layer_id: layer }, query: { reason: order.reason, ...(parent === undefined ? {} : { parent }) } },
      ...body,
      headers: { ...headers, ...orderHeaders(order) },
    }),
  );
}

export const makeLayer = (kind: Layer["kind"], subject: string, order: Order): Promise<Layer> =>
  unwrap(client.POST("/api/v1/config-layers", { params: { header: orderHeaders(order) }, body: { kind, subject, reason: order.reason } }));

export const goBackTo = (version: string, order: Order): Promise<Schemas["VersionOutcome"]> =>
  unwrap(
    client.POST("/api/v1/config-versions/{version_id}:rollback", {
      params: { path: { version_id: version }, header: orderHeaders(order) },
      body: { reason: order.reason },
    }),
  );

interface RolloutFilter {
  layer: string;
  status: RolloutStatus[];
  text: string;
}

export const fetchRollouts = (filter: RolloutFilter, cursor: string | null, limit: number, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/rollouts", { params: { query: { ...filter, limit, ...(cursor === null ? {} : { cursor }) } }, signal }));

export const previewRollout = (wish: RolloutWish, signal: AbortSignal): Promise<Prospect> =>
  unwrap(client.POST("/api/v1/rollouts", { params: { query: { dry_run: true } }, body: wish, signal }));

/** The revision of an order is that of the layer. */
export const beginRollout = (wish: Omit<RolloutWish, "reason">, order: Order): Promise<Prospect> =>
  unwrap(client.POST("/api/v1/rollouts", { params: { header: orderHeaders(order) }, body: { ...wish, reason: order.reason } }));

/** While a rollout moves, it is looked at every second; its stream of hints renews it, too. */
const MOVING_MS = 1_000;

const moves = (status: RolloutStatus | undefined): boolean => status === "running" || status === "reverting";

export function useRollout(id: string) {
  const calm = usePolling("detail");
  return useQuery({
    queryKey: [ROLLOUT_KEY, "one", id],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/rollouts/{rollout_id}", { params: { path: { rollout_id: id } }, signal })),
    refetchInterval: (query) => {
      const often = calm(query);
      return often !== false && moves(query.state.data?.status) ? MOVING_MS : often;
    },
  });
}

export function useSeats(id: string, status: RolloutStatus | undefined) {
  const calm = usePolling("detail");
  return useQuery({
    queryKey: [ROLLOUT_KEY, "seats", id],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/rollouts/{rollout_id}/seats", { params: { path: { rollout_id: id } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      const often = calm(query);
      return often !== false && moves(status) ? MOVING_MS * 2 : often;
    },
  });
}

export function useMoves(id: string, status: RolloutStatus | undefined) {
  const calm = usePolling("detail");
  return useQuery({
    queryKey: [ROLLOUT_KEY, "moves", id],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/rollouts/{rollout_id}/moves", { params: { path: { rollout_id: id } }, signal })),
    refetchInterval: (query) => {
      const often = calm(query);
      return often !== false && moves(status) ? MOVING_MS * 2 : often;
    },
  });
}

export type Steering = "pause" | "resume" | "promote" | "abort";

interface Steered {
  params: { path: { rollout_id: string }; header?: ReturnType<typeof orderHeaders>; query?: { dry_run: boolean } };
  body: { reason: string };
}

function sendSteering(how: Steering, sent: Steered, signal: AbortSignal | null): Promise<Rollout> {
  const order = { ...sent, ...(signal ? { signal } : {}) };
  switch (how) {
    case "pause":
      return unwrap(client.POST("/api/v1/rollouts/{rollout_id}:pause", order));
    case "resume":
      return unwrap(client.POST("/api/v1/rollouts/{rollout_id}:resume", order));
    case "promote":
      return unwrap(client.POST("/api/v1/rollouts/{rollout_id}:promote", order));
    case "abort":
      return unwrap(client.POST("/api/v1/rollouts/{rollout_id}:abort", order));
  }
}

export const steer = (id: string, how: Steering, order: Order): Promise<Rollout> =>
  sendSteering(how, { params: { path: { rollout_id: id }, header: orderHeaders(order) }, body: { reason: order.reason } }, null);

/** What it would do. */
export const rehearseSteering = (id: string, how: Steering, signal: AbortSignal): Promise<ServerEffect> =>
  effectOf(sendSteering(how, { params: { path: { rollout_id: id }, query: { dry_run: true } }, body: { reason: "" } }, signal));

/** How uploads went at the agents of a rollout before it began and since. */
export function useRolloutWork(id: string, status: RolloutStatus) {
  const calm = usePolling("list");
  return useQuery({
    queryKey: [ROLLOUT_KEY, "work", id],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/rollouts/{rollout_id}/work", { params: { path: { rollout_id: id } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      const often = calm(query);
      return often !== false && moves(status) ? MOVING_MS * 5 : often;
    },
  });
}
