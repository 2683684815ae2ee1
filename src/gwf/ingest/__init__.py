"""How events enter the centre: the agents' outbox and CloudEvents from anybody else."""
