/** The pages of this area; none yet. */
export const settingsRoutes = [] as const;
