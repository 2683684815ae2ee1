"""The agents of a centre: who they are, how they are, which groups they belong to."""
