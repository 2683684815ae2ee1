/** The pages of this area; none yet. */
export const configsRoutes = [] as const;
