/** The pages of this area; none yet. */
export const auditRoutes = [] as const;
