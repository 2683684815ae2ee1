import { useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Permission } from "./account";
import { client, unwrap } from "./client";
import type { components } from "./schema";

/** Ways by which events of other systems come in. */

export type Input = components["schemas"]["InputView"];

/** Who may see them: whoever sees what they bring. */
export const SEE_INPUTS: Permission = "events:read";

export const useInputs = () =>
  useQuery({
    queryKey: ["inputs"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/inputs", { signal })),
    refetchInterval: usePolling("detail"),
  });
