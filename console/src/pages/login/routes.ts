/** The pages of this area; none yet. */
export const loginRoutes = [] as const;
