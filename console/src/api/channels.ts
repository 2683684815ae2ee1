import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import type { Severity } from "./alerts";
import { orderHeaders } from "./effect";
import { ask } from "./loose";

/** Ways to people: how each does, what it was sent, and how messages read. */

export interface Channel {
  name: string;
  kind: "dingtalk" | "wecom" | "feishu" | "slack" | "webhook" | "email";
  state: "ok" | "untried" | "failing" | "waiting";
  per_minute: number;
  left: number;
  waiting_urgent: number;
  waiting_rest: number;
  waiting_quiet: number;
  oldest_waiting_at: string | null;
  sent_day: number;
  failed_day: number;
  last_ok_at: string | null;
  last_failed_at: string | null;
  down_since: string | null;
  failures: number;
  blocked_until: string | null;
  error: string;
  error_class: string;
  fallback: string;
  fallback_after_s: number;
  quiet: { begin: string; end: string; below: Severity; zone: string; until: string | null } | null;
  language: "zh" | "en";
  zone: string;
  idempotent: boolean;
}

export interface Message {
  message_id: string;
  channel: string;
  state: "waiting" | "sending" | "sent" | "moved" | "failed";
  title: string;
  severity: Severity;
  urgent: boolean;
  notices: number;
  attempts: number;
  unsure: boolean;
  receipt: string;
  error: string;
  error_class: string;
  next_try_at: string | null;
  created_at: string;
  sent_at: string | null;
}

export interface MessageDetail extends Message {
  text: string;
  mobiles: string[];
  emails: string[];
  told: string[];
}

export interface NoticePart {
  channel: string;
  state: "waiting" | "taken" | "sent" | "moved" | "failed";
  due_at: string;
  people: string[];
  instead_of: string;
  message: Message | null;
}

export interface Notice {
  notice_id: string;
  state: "waiting" | "planned" | "sent" | "failed" | "nobody";
  parts: NoticePart[];
}

export type TemplateKind = "firing" | "resolved" | "repeat" | "escalation" | "digest";

export interface Template {
  kind: TemplateKind;
  title: string;
  text: string;
  is_default: boolean;
  revision: number;
  by: string;
  updated_at: string | null;
  fields: Record<string, string>;
}

export const CHANNELS_KEY = "channels";
const AT_ONCE = 50;

export const useChannels = (enabled = true) =>
  useQuery({
    queryKey: [CHANNELS_KEY, "list"],
    queryFn: ({ signal }) => ask<{ items: Channel[] }>("GET", "/api/v1/channels", { signal }),
    refetchInterval: usePolling("detail"),
    enabled,
  });

/** Whether it can be reached; nobody is told anything. */
export const checkChannel = (name: string): Promise<{ problem: string }> => ask<{ problem: string }>("POST", "/api/v1/channels/{name}:check", { path: { name } });

/** A message to try it with: people get it. */
export const testChannel = (name: string, text: string, order: Order): Promise<Message> =>
  ask<Message>("POST", "/api/v1/channels/{name}:test", { path: { name }, body: { text, reason: order.reason }, header: orderHeaders(order) });

export interface MessageWish {
  state?: string[];
  channel?: string[];
}

export const fetchMessages = (wish: MessageWish, cursor: string | null, signal: AbortSignal): Promise<{ items: Message[]; next_cursor: string | null }> =>
  ask("GET", "/api/v1/messages", { query: { ...wish, limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) }, signal });

export const useMessage = (messageId: string) =>
  useQuery({
    queryKey: [CHANNELS_KEY, "message", messageId],
    queryFn: ({ signal }) => ask<MessageDetail>("GET", "/api/v1/messages/{message_id}", { path: { message_id: messageId }, signal }),
    refetchInterval: usePolling("detail"),
  });

/** What became of a notice on each channel. */
export const useNotice = (noticeId: string, enabled: boolean) =>
  useQuery({
    queryKey: [CHANNELS_KEY, "notice", noticeId],
    queryFn: ({ signal }) => ask<Notice>("GET", "/api/v1/notices/{notice_id}", { path: { notice_id: noticeId }, signal }),
    refetchInterval: usePolling("detail"),
    enabled,
  });

export const useTemplates = () =>
  useQuery({
    queryKey: [CHANNELS_KEY, "templates"],
    queryFn: ({ signal }) => ask<{ items: Template[] }>("GET", "/api/v1/templates", { signal }),
    refetchInterval: usePolling("list"),
  });

export interface TemplateText {
  title: string;
  text: string;
}

export const previewTemplate = (kind: TemplateKind, { title, text }: TemplateText, channel: string, signal: AbortSignal): Promise<{ title: string; text: string; size_bytes: number; max_bytes: number }> =>
  ask("POST", "/api/v1/templates:preview", { body: { kind, title, text, channel }, signal });

export const putTemplate = (kind: TemplateKind, { title, text }: TemplateText, order: Order): Promise<Template> =>
  ask<Template>("PUT", "/api/v1/templates/{kind}", { path: { kind }, body: { title, text, reason: order.reason }, header: orderHeaders(order) });

export const dropTemplate = (kind: TemplateKind, order: Order): Promise<Template> =>
  ask<Template>("DELETE", "/api/v1/templates/{kind}", { path: { kind }, query: { reason: order.reason }, header: orderHeaders(order) });

/** Has everything about channels asked for again. */
export function useRenewChannels(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [CHANNELS_KEY] });
}
