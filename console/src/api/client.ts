import createClient from "openapi-fetch";
import { learnClock } from "../live/now";
import type { components, paths } from "./schema";

export type Overview = components["schemas"]["Overview"];
export type FileView = components["schemas"]["FileView"];
export type FilePage = components["schemas"]["FilePage"];
export type FileState = FileView["state"];
export type Reason = components["schemas"]["Reason"];
type ProblemBody = components["schemas"]["Problem"];

/** Where the API is: below the address the page was served under, whatever the prefix. */
export const baseUrl = new URL(".", document.baseURI);

/** The typed client of the API; areas build their calls on it in `api/<area>.ts` and hand them to `unwrap`. */
export const client = createClient<paths>({ baseUrl: baseUrl.href.replace(/\/$/, "") });

const CSRF_COOKIE = "gwf_csrf";
const READING = new Set(["GET", "HEAD"]);

/** The word that goes with the cookie of a session when something is changed. */
const csrfWord = (): string | undefined =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${CSRF_COOKIE}=`))?.slice(CSRF_COOKIE.length + 1);

client.use({
  onRequest({ request }) {
    const word = READING.has(request.method) ? undefined : csrfWord();
    if (word) request.headers.set("X-Gwf-Csrf", decodeURIComponent(word));
    return request;
  },
});

let onStranger: () => void = () => undefined;

/** Call `listener` whenever the server no longer knows who asks. */
export function watchStrangers(listener: () => void): void {
  onStranger = listener;
}

type Told = Pick<ProblemBody, "code" | "status" | "request_id" | "detail"> & Partial<Pick<ProblemBody, "params" | "errors" | "retry_after" | "meanwhile">>;

/** A failed request; `code` has a text in the dictionary, `network` means that nobody answered. */
export class RequestError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly params: Record<string, string>;
  /** Seconds to wait before another try; null = not told. */
  readonly retryAfter: number | null;
  /** What is wrong with which field: a JSON pointer each. */
  readonly fields: ProblemBody["errors"];

  /** What was done to the thing since it was looked at, newest first; of a conflict. */
  readonly meanwhile: NonNullable<ProblemBody["meanwhile"]>;

  constructor(problem: Told) {
    super(problem.detail);
    this.name = "RequestError";
    this.code = problem.code;
    this.status = problem.status;
    this.requestId = problem.request_id;
    this.retryAfter = problem.retry_after ?? null;
    this.params = problem.params ?? {};
    this.fields = problem.errors ?? [];
    this.meanwhile = problem.meanwhile ?? [];
  }
}

interface Answer<T> {
  data?: T;
  error?: ProblemBody;
  response: Response;
}

const hasClock = (data: unknown): data is { as_of: string } =>
  typeof data === "object" && data !== null && "as_of" in data && typeof data.as_of === "string";

/** Answers of agents are passed on with the time of their host, or of when they were last heard. */
const OF_AGENTS = /\/agents\/[^/]+\/(?:files|incoming)/;

/** The body of an answer, or the problem thrown as a `RequestError`. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new RequestError({ code: "network", status: 0, request_id: "", detail: String(cause) });
  }
  if (answer.response.status === 204) return undefined as T;
  if (answer.data !== undefined) {
    if (hasClock(answer.data) && !OF_AGENTS.test(answer.response.url)) learnClock(answer.data.as_of);
    return answer.data;
  }
  const { error, response } = answer;
  // a wrong password is told by the form that sent it
  if (response.status === 401 && error?.code === "login_required" && !response.url.endsWith("/api/v1/login")) onStranger();
  if (error?.code) throw new RequestError(error);
  const requestId = response.headers.get("x-request-id") ?? "";
  throw new RequestError({ code: "internal", status: response.status, request_id: requestId, detail: "" });
}

export const fetchOverview = (signal: AbortSignal): Promise<Overview> =>
  unwrap(client.GET("/api/v1/overview", { signal }));

export interface FileFilter {
  state: FileState[];
  q: string;
}

export const PAGE_SIZE = 50;

export const fetchFiles = (filter: FileFilter, cursor: string | null, signal: AbortSignal): Promise<FilePage> =>
  unwrap(
    client.GET("/api/v1/files", {
      params: { query: { ...filter, limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) } },
      signal,
    }),
  );

export type DeadPage = components["schemas"]["DeadPage"];

/** All groups of dead letters; the files themselves are in the table of files. */
export const fetchDeadLetters = (signal: AbortSignal): Promise<DeadPage> =>
  unwrap(client.GET("/api/v1/dead-letters", { params: { query: { limit: 1 } }, signal }));

/** Where the process keeps its journal, for commands that people copy; null when its configuration does not say. */
export async function fetchDataDir(signal: AbortSignal): Promise<string | null> {
  const { config } = await unwrap(client.GET("/api/v1/config", { signal }));
  return typeof config.data_dir === "string" ? config.data_dir : null;
}

export const fetchFile = (id: number, signal: AbortSignal): Promise<FileView> =>
  unwrap(client.GET("/api/v1/files/{file_id}", { params: { path: { file_id: id } }, signal }));
