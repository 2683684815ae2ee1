import { useMemo } from "react";
import type { EventFacets, EventWish, FileEventFacets, FileEventWish } from "../../api/events";
import { useEventFacets, useFileEventFacets } from "../../api/events";
import type { ListState } from "../../app/listSearch";
import { useRange, useScope } from "../../app/useRange";
import { useServerNow } from "../../live/now";
import { SEVERITIES } from "./say";

/** What the address asks for, as the server takes it. */

/** A range that ends now begins anew this often: shorter, and every look would be another list. */
const STEP_MS = 60_000;

/** The time of the address; one that ends now stays the same for a minute. */
export function useSpan(): { since: string; until?: string } {
  const range = useRange();
  const minute = Math.floor(useServerNow(STEP_MS) / STEP_MS);
  return useMemo(() => {
    const { since, until } = range.instants();
    return range.moving ? { since } : { since, until };
  }, [range.from, range.to, range.moving, minute]);
}

/** Environment of the scope and labels of the list, as one selector. */
export function selectorOf(labels: readonly string[], env: string | undefined): string | undefined {
  const all = [...(env ? [`env=${env}`] : []), ...labels];
  return all.length ? all.join(",") : undefined;
}

export function useEventWish(state: ListState): EventWish {
  const span = useSpan();
  const { env, group } = useScope();
  return useMemo(() => {
    const severity = SEVERITIES.find((one) => one === state.values("severity")[0]);
    return {
      ...span,
      type: [...state.values("type")],
      agent: [...state.values("agent")],
      source: [...state.values("source")],
      ...(severity ? { min_severity: severity } : {}),
      ...named("selector", selectorOf(state.values("labels"), env)),
      ...named("group", group),
      ...named("text", state.q),
    };
  }, [span, state, env, group]);
}

export function useFileWish(state: ListState): FileEventWish {
  const span = useSpan();
  const { env, group } = useScope();
  return useMemo(
    () => ({
      ...span,
      status: [...state.values("status")] as NonNullable<FileEventWish["status"]>,
      error_class: [...state.values("error_class")] as NonNullable<FileEventWish["error_class"]>,
      store: [...state.values("store")],
      agent: [...state.values("agent")],
      ...named("path_prefix", state.values("below")[0]),
      ...named("selector", selectorOf(state.values("labels"), env)),
      ...named("group", group),
      ...named("text", state.q),
    }),
    [span, state, env, group],
  );
}

const named = <K extends string>(key: K, value: string | undefined): { [key in K]?: string } => (value ? { [key]: value } : {}) as { [key in K]?: string };

/** Numbers of the whole list, and of each filter as if it were not set: what else it could be. */
export function useEventSpread(wish: EventWish): { all: EventFacets | undefined; types: EventFacets | undefined; agents: EventFacets | undefined; sources: EventFacets | undefined; severities: EventFacets | undefined } {
  const all = useEventFacets(wish).data;
  const types = useEventFacets({ ...wish, type: [] }, some(wish.type)).data;
  const agents = useEventFacets({ ...wish, agent: [] }, some(wish.agent)).data;
  const sources = useEventFacets({ ...wish, source: [] }, some(wish.source)).data;
  const { min_severity: severity, ...open } = wish;
  const severities = useEventFacets(open, Boolean(severity)).data;
  return {
    all,
    types: some(wish.type) ? types : all,
    agents: some(wish.agent) ? agents : all,
    sources: some(wish.source) ? sources : all,
    severities: severity ? severities : all,
  };
}

export function useFileSpread(wish: FileEventWish): { all: FileEventFacets | undefined; statuses: FileEventFacets | undefined; classes: FileEventFacets | undefined; stores: FileEventFacets | undefined; agents: FileEventFacets | undefined } {
  const all = useFileEventFacets(wish).data;
  const statuses = useFileEventFacets({ ...wish, status: [] }, some(wish.status)).data;
  const classes = useFileEventFacets({ ...wish, error_class: [] }, some(wish.error_class)).data;
  const stores = useFileEventFacets({ ...wish, store: [] }, some(wish.store)).data;
  const agents = useFileEventFacets({ ...wish, agent: [] }, some(wish.agent)).data;
  return {
    all,
    statuses: some(wish.status) ? statuses : all,
    classes: some(wish.error_class) ? classes : all,
    stores: some(wish.store) ? stores : all,
    agents: some(wish.agent) ? agents : all,
  };
}

const some = (values: readonly unknown[] | undefined): boolean => (values?.length ?? 0) > 0;
