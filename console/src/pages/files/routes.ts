/** The pages of this area; none yet. */
export const filesRoutes = [] as const;
