export const configs = {} as const;
