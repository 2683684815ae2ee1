/** The pages of this area; none yet. */
export const agentsRoutes = [] as const;
