import { QueryClient } from "@tanstack/react-query";
import { RequestError } from "../api/client";

/** Answers that asking again soon cannot change. */
const FINAL = new Set([400, 401, 403, 404, 409, 413, 422]);

/** Keeps what the server answered; the first word of a key is the topic of the hints that renew it. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (count, error) => count < 1 && error instanceof RequestError && !FINAL.has(error.status),
      retryDelay: 1_000,
      refetchOnWindowFocus: false,
    },
  },
});
