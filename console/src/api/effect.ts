import type { Order } from "../ui/action/types";
import type { components } from "./schema";

/** What an act would do, as the server answers it to `dry_run=true`. */
export type ServerEffect = components["schemas"]["Effect"];

/** The headers of an order: do it once, and only if nobody was quicker. */
export const orderHeaders = ({ idempotencyKey, revision }: Order): { "idempotency-key": string; "if-match"?: string } => ({
  "idempotency-key": idempotencyKey,
  ...(revision === undefined ? {} : { "if-match": revision }),
});

/** The answer to a request with `dry_run=true`, which the description types as if the act had been done. */
export const effectOf = async (answer: Promise<unknown>): Promise<ServerEffect> => (await answer) as ServerEffect;
