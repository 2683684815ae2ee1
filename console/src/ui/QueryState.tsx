import { type ReactNode, useRef } from "react";
import { RequestError } from "../api/client";
import { formatClock } from "../i18n/format";
import type { Pace } from "../live/pace";
import { Aged } from "./Aged";
import { ErrorBlock, Forbidden, Loading, NotFoundBlock } from "./StateBlock";

interface Query<T> {
  data: T | undefined;
  error: Error | null;
  dataUpdatedAt: number;
  /** How often it failed, of this key. */
  errorUpdateCount?: number;
  refetch: () => unknown;
}

interface Props<T> {
  query: Query<T>;
  /** Lines of the skeleton. */
  rows?: number;
  /** What is asked for, when it is one object that may not be there. */
  object?: { what: string; id: string };
  /** How quickly the data grows old; none = it stays as it is. */
  pace?: Pace;
  children: (data: T) => ReactNode;
}

/** The states of one query: skeleton, data, data with a failure above it, refusal, absence. */
export function QueryState<T>({ query, rows = 6, object, pace, children }: Props<T>) {
  const { data } = query;
  const last = useRef<Error | null>(null);
  if (query.error) last.current = query.error;
  // asked for again, a query forgets its failure until the answer comes: the reader keeps seeing it
  const error = query.error ?? (data === undefined && (query.errorUpdateCount ?? 0) > 0 ? last.current : null);
  const status = error instanceof RequestError ? error.status : null;
  if (status === 403) return <Forbidden permission={(error as RequestError).params["permission"]} />;
  if (status === 404 && object) return <NotFoundBlock {...object} />;
  return (
    <>
      {error && (
        <ErrorBlock
          error={error}
          retry={() => void query.refetch()}
          {...(data === undefined ? {} : { age: formatClock(query.dataUpdatedAt, Date.now()) })}
        />
      )}
      {data !== undefined && (
        <Aged at={query.dataUpdatedAt} pace={pace ?? "report"} still={pace === undefined || error !== null} className={error ? "old" : "contents"}>
          {children(data)}
        </Aged>
      )}
      {data === undefined && !error && <Loading rows={rows} />}
    </>
  );
}
