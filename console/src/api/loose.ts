import { client, unwrap } from "./client";

interface Told {
  query?: object;
  path?: object;
  body?: object;
  header?: object;
  signal?: AbortSignal;
}

type Loose = Record<string, (path: string, told: object) => Promise<never>>;

/** A call whose operation the description does not name yet. */
export const ask = <T>(method: "GET" | "POST" | "PUT" | "DELETE", at: string, { query, path, body, header, signal }: Told = {}): Promise<T> =>
  unwrap<T>((client as unknown as Loose)[method]!(at, { params: { query, path, header }, body, signal }));
