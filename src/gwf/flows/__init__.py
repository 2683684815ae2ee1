"""Several tasks that belong together: flows, their versions, and runs that survive any crash."""
