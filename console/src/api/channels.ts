import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import { orderHeaders } from "./effect";
import type { components, operations } from "./schema";

/** Ways to people: how each does, what it was sent, and how messages read. */

type Schemas = components["schemas"];
export type Channel = Schemas["ChannelView"];
export type Message = Schemas["MessageItem"];
export type NoticePart = Schemas["PartView"];
export type Template = Schemas["TemplateView"];
export type TemplateKind = Template["kind"];
export type TemplateText = Pick<Template, "title" | "text">;

type ListQuery = NonNullable<operations["list_messages"]["parameters"]["query"]>;
export type MessageWish = Pick<ListQuery, "state" | "channel">;

export const CHANNELS_KEY = "channels";
const AT_ONCE = 50;

export const useChannels = (enabled = true) =>
  useQuery({
    queryKey: [CHANNELS_KEY, "list"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/channels", { signal })),
    refetchInterval: usePolling("detail"),
    enabled,
  });

/** Whether it can be reached; nobody is told anything. */
export const checkChannel = (name: string): Promise<Schemas["ChannelCheck"]> => unwrap(client.POST("/api/v1/channels/{channel}:check", { params: { path: { channel: name } } }));

/** A message to try it with: people get it. */
export const testChannel = (name: string, text: string, order: Order): Promise<Message> =>
  unwrap(client.POST("/api/v1/channels/{channel}:test", { params: { path: { channel: name }, header: orderHeaders(order) }, body: { text, reason: order.reason } }));

export const fetchMessages = (wish: MessageWish, cursor: string | null, signal: AbortSignal): Promise<Schemas["MessagePage"]> =>
  unwrap(client.GET("/api/v1/messages", { params: { query: { ...wish, limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) } }, signal }));

export const useMessage = (messageId: string) =>
  useQuery({
    queryKey: [CHANNELS_KEY, "message", messageId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/messages/{message_id}", { params: { path: { message_id: messageId } }, signal })),
    refetchInterval: usePolling("detail"),
  });

/** What became of a notice on each channel. */
export const useNotice = (noticeId: string, enabled: boolean) =>
  useQuery({
    queryKey: [CHANNELS_KEY, "notice", noticeId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/notices/{notice_id}", { params: { path: { notice_id: noticeId } }, signal })),
    refetchInterval: usePolling("detail"),
    enabled,
  });

export const useTemplates = () =>
  useQuery({
    queryKey: [CHANNELS_KEY, "templates"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/templates", { signal })),
    refetchInterval: usePolling("list"),
  });

export const previewTemplate = (kind: TemplateKind, { title, text }: TemplateText, channel: string, signal: AbortSignal): Promise<Schemas["PreviewView"]> =>
  unwrap(client.POST("/api/v1/templates:preview", { body: { kind, title, text, channel, notice_id: "" }, signal }));

const of = (kind: TemplateKind): { path: { kind: TemplateKind } } => ({ path: { kind } });

export const putTemplate = (kind: TemplateKind, { title, text }: TemplateText, order: Order): Promise<Template> =>
  unwrap(client.PUT("/api/v1/templates/{kind}", { params: { ...of(kind), header: orderHeaders(order) }, body: { title, text, reason: order.reason } }));

export const dropTemplate = (kind: TemplateKind, order: Order) =>
  unwrap(client.DELETE("/api/v1/templates/{kind}", { params: { ...of(kind), query: { reason: order.reason }, header: orderHeaders(order) } }));

/** A message that failed is sent once more, under its id. */
export const retryMessage = (messageId: string, order: Order): Promise<Message> =>
  unwrap(client.POST("/api/v1/messages/{message_id}:retry", { params: { path: { message_id: messageId }, header: orderHeaders(order) }, body: { reason: order.reason } }));

/** Has everything about channels asked for again. */
export function useRenewChannels(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [CHANNELS_KEY] });
}
